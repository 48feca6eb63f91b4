# tries: a socket of each of the 46 families, and of each type
# must: PermissionError at each
# ends: finished
# control: yes
import socket

for family in range(46):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind)
            print("HARM", family, kind)
        except PermissionError:
            pass
        except OSError as error:
            print("HARM asked the kernel", family, kind, error)
