# tries: to reach the other children of the fork server, which are of the same user
# must: none is reached
# ends: finished
# control: yes
import os

for pid in range(os.getppid(), os.getppid() + 2_000):
    try:
        if pid != os.getpid():
            os.kill(pid, 0)
            print("HARM", pid)
    except OSError:
        pass
