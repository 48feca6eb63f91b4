# tries: to read what the kernel tells in /sys
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

print("HARM", os.listdir("/sys"))
