# tries: to end the group of the fork server
# must: PermissionError
# ends: raised PermissionError
# control: no, a server started by root is of another user than its programs
import os, signal

os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)
print("HARM")
