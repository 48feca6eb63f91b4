# tries: to make the pipe to the server larger than it is
# must: PermissionError
# ends: raised PermissionError
# control: yes
import fcntl

fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 2**20)
print("HARM")
