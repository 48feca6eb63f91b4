# tries: to set a file's times, which another program could read as a message
# must: PermissionError
# ends: raised PermissionError
# control: no, only the owner of a file may
import os

os.utime("/usr/lib")
print("HARM")
