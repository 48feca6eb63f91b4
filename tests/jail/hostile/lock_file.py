# tries: to lock a file of Python's, by which two programs could talk or stall each other
# must: PermissionError
# ends: raised PermissionError
# control: yes
import fcntl, os

fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
print("HARM")
