# tries: to make a device file
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import os, stat

os.mknod("/tmp/gradfn-hostile", 0o666 | stat.S_IFBLK, os.makedev(254, 0))
print("HARM")
