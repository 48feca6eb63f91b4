# tries: to list the folder for temporary files, where other programs' may be
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

print("HARM", os.listdir("/tmp"))
