# tries: to leave a file in the folder of the fork server, which all children can see
# must: PermissionError
# ends: raised PermissionError
# control: no, it is the user's who started the server
import _io, os

_io.open(os.environ["MPLCONFIGDIR"] + "/sitecustomize.py", "w")
print("HARM")
