# tries: to read the environment of its ancestors, where the server keeps its secrets
# must: nothing read
# ends: finished
# control: no, a server started by root is of another user than its programs
import os

for pid in range(max(1, os.getppid() - 200), os.getpid()):
    try:
        print("HARM", open(f"/proc/{pid}/environ", "rb").read(9))
    except OSError:
        pass
