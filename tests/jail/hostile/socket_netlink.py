# tries: to ask the kernel for the network's addresses
# must: PermissionError
# ends: raised PermissionError
# control: yes
import socket

socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
print("HARM")
