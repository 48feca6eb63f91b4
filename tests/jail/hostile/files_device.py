# tries: to make a device and a pipe in its own folder
# must: PermissionError
# ends: raised PermissionError
# control: no, the folder is in memory and only here
import os, stat

try:
    os.mkfifo("/scratch/pipe")
except OSError:
    os.mknod("/scratch/disk", 0o666 | stat.S_IFBLK, os.makedev(8, 0))
print("HARM")
