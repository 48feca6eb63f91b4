# tries: to serve on a port of its own
# must: PermissionError
# ends: raised PermissionError
# control: yes
import socket

socket.create_server(("127.0.0.1", 0))
print("HARM")
