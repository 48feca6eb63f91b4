# tries: to send a signal to every process that it may
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.kill(-1, 0)
print("HARM")
