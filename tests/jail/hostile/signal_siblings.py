# tries: to reach the other children of the fork server
# must: none is reached
# ends: finished
# control: no, where root starts the server each child has a uid of its own
import os

for pid in range(os.getppid(), os.getppid() + 2_000):
    try:
        if pid != os.getpid():
            os.kill(pid, 0)
            print("HARM", pid)
    except OSError:
        pass
