# tries: to lock a range of a file of Python's
# must: PermissionError
# ends: raised PermissionError
# control: yes
import fcntl, os

fcntl.lockf(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)
print("HARM")
