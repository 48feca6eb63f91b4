# tries: to make a folder on the machine
# must: PermissionError
# ends: raised PermissionError
# control: yes
import posix

posix.mkdir("/tmp/gradfn-hostile")
print("HARM")
posix.rmdir("/tmp/gradfn-hostile")
