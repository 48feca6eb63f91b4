# tries: to hold the fork server by a descriptor, and signal through it
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.pidfd_open(os.getppid())
print("HARM")
