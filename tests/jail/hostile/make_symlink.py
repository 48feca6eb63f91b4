# tries: to make a symbolic link
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.symlink("/etc/passwd", "/tmp/gradfn-hostile")
print("HARM")
__import__("posix").unlink("/tmp/gradfn-hostile")
