# tries: to list and set extended attributes
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.listxattr("/usr/lib")
print("HARM")
