# tries: to open the memory, the map and the descriptors of the fork server
# must: nothing opened
# ends: finished
# control: no, a server started by root is of another user than its programs
import os

for name in ("mem", "maps", "fd/0", "fd/3", "root/etc/hostname", "cwd/etc/hostname"):
    try:
        print("HARM", open(f"/proc/{os.getppid()}/{name}", "rb").fileno())
    except OSError:
        pass
