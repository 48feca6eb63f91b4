# tries: to leave a file in the folder that all programs have as HOME
# must: PermissionError
# ends: raised PermissionError
# control: no, it is the user's who started the server
import os

open(os.path.expanduser("~/sitecustomize.py"), "w")
print("HARM")
