# tries: to list the processes of the machine
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

print("HARM", len([name for name in os.listdir("/proc") if name.isdigit()]))
