# tries: to connect to the server's own machine
# must: PermissionError
# ends: raised PermissionError
# control: yes
import socket

socket.socket(socket.AF_INET, socket.SOCK_STREAM)
print("HARM")
