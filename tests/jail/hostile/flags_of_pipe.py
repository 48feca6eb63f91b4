# tries: to change the flags of a pipe, which both of its ends may share
# must: PermissionError
# ends: raised PermissionError
# control: yes
import fcntl, os

fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK)
print("HARM")
