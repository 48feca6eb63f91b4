# tries: to make a file in /tmp
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

open("/tmp/gradfn-hostile", "w")
print("HARM")
os.unlink("/tmp/gradfn-hostile")
