# tries: to take a lease on a file, so that whoever opens it waits
# must: PermissionError
# ends: raised PermissionError
# control: no, only the owner of a file may
import fcntl, os

fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("HARM")
