# tries: to fork
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

if os.fork() == 0:
    os.write(1, b"HARM\n")
    os._exit(0)
os.wait()
