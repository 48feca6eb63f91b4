# tries: to fork without end
# must: PermissionError at the first
# ends: raised PermissionError
# control: no, nobody wants to see it succeed
import os

while True:
    os.fork()
