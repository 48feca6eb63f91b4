# tries: to make a file without a name, which no listing would show
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os, posix

posix.open("/tmp", os.O_TMPFILE | os.O_RDWR)
print("HARM")
