# tries: to listen to the network
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import socket

socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
print("HARM")
