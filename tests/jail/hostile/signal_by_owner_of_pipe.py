# tries: to have the kernel signal the fork server whenever there is something to read
# must: PermissionError
# ends: raised PermissionError
# control: yes
import fcntl, os

fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())
print("HARM")
