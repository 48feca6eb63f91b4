# tries: to make a folder
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.mkdir("/tmp/gradfn-hostile")
print("HARM")
os.rmdir("/tmp/gradfn-hostile")
