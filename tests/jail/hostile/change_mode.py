# tries: to change the mode of its own stdout
# must: PermissionError
# ends: raised PermissionError
# control: no, the pipe of a server started by root is root's
import os

os.fchmod(1, 0o777)
print("HARM")
