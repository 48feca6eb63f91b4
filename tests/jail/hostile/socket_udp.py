# tries: to send a datagram, as to a name server
# must: PermissionError
# ends: raised PermissionError
# control: yes
import socket

socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
print("HARM")
