# tries: to open a socket for IPv6
# must: PermissionError
# ends: raised PermissionError
# control: no, a machine may have no IPv6
import socket

socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
print("HARM")
