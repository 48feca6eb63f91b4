# tries: to rename the machine
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import socket

socket.sethostname("harm")
print("HARM")
