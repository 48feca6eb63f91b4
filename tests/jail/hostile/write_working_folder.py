# tries: to make a file where it is
# must: PermissionError
# ends: raised PermissionError
# control: no, it is / and not everybody's to write in
open("gradfn-was-here", "w")
print("HARM")
