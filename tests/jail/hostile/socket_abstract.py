# tries: to meet another program at a name that no file system has
# must: PermissionError
# ends: raised PermissionError
# control: yes
import socket

socket.socket(socket.AF_UNIX).bind("\0gradfn-hostile")
print("HARM")
