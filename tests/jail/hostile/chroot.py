# tries: to have another root
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import os

os.chroot("/usr/lib")
print("HARM")
