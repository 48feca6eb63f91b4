# tries: to cut off a file
# must: PermissionError
# ends: raised PermissionError
# control: no, only who may write a file may
import os

os.truncate("/etc/hostname", 0)
print("HARM")
