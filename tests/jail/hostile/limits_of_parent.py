# tries: to lower the limits of the fork server, so that it can fork no more
# must: PermissionError
# ends: raised PermissionError
# control: no, a server started by root is of another user than its programs
import os, resource

resource.prlimit(os.getppid(), resource.RLIMIT_NPROC, (0, 0))
print("HARM")
