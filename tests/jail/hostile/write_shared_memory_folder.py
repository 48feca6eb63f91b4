# tries: to make a file in /dev/shm
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

open("/dev/shm/gradfn-hostile", "w")
print("HARM")
__import__("posix").unlink("/dev/shm/gradfn-hostile")
