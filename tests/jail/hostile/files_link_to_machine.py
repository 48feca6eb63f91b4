# tries: to have a file of the machine in its own folder by a link of either kind
# must: PermissionError
# ends: raised PermissionError
# control: no, the folder is in memory and only here
import os

try:
    os.link("/etc/passwd", "/scratch/mine")
except OSError:
    os.symlink("/etc/passwd", "/scratch/mine")
print("HARM", open("/scratch/mine").readline())
