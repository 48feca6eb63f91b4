# tries: to make a pair of sockets, whose buffers no limit counts
# must: PermissionError
# ends: raised PermissionError
# control: yes
import socket

socket.socketpair()
print("HARM")
