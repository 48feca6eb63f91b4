# tries: to talk to the host of a virtual machine
# must: PermissionError
# ends: raised PermissionError
# control: no, not every kernel has it
import socket

socket.socket(40, socket.SOCK_STREAM)
print("HARM")
