# tries: to make a file where its process is
# must: PermissionError
# ends: raised PermissionError
# control: no, it is / and not everybody's to write in
import _io

_io.open("gradfn-was-here", "w")
print("HARM")
