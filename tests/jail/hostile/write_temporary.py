# tries: to make a file in the machine's /tmp
# must: PermissionError
# ends: raised PermissionError
# control: yes
import _io, os

_io.open("/tmp/gradfn-hostile", "w")
print("HARM")
__import__("posix").unlink("/tmp/gradfn-hostile")
