# tries: to be another user
# must: PermissionError at each way
# ends: finished
# control: yes
import os

here = os.getuid(), os.getgid()
for way in (
    lambda: os.setuid(0),
    lambda: os.setgid(0),
    lambda: os.setgroups([0]),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.setresuid(here[0], here[0], here[0]),
    lambda: os.setresgid(here[1], here[1], here[1]),
):
    try:
        way()
        print("HARM", os.getresuid())
    except PermissionError:
        pass
