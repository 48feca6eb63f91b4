# tries: to become another program
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.execv("/bin/echo", ["echo", "HARM"])
