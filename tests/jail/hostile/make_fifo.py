# tries: to make a pipe with a name, by which two programs could talk
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.mkfifo("/tmp/gradfn-hostile")
print("HARM")
__import__("posix").unlink("/tmp/gradfn-hostile")
