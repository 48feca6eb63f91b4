# tries: to run a program that is in no file
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.memfd_create("program")
print("HARM")
