# tries: to end the fork server
# must: PermissionError
# ends: raised PermissionError
# control: no, a server started by root is of another user than its programs
import os, signal

os.kill(os.getppid(), signal.SIGKILL)
print("HARM")
