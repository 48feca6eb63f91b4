# tries: to read how its parent was started
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

print("HARM", open(f"/proc/{os.getppid()}/cmdline").read())
