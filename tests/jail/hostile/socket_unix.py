# tries: to talk to a daemon of the machine, as Docker's
# must: PermissionError
# ends: raised PermissionError
# control: yes
import socket

socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
print("HARM")
