# tries: to make a second name for a file
# must: PermissionError
# ends: raised PermissionError
# control: no, nobody may link what another owns
import os

os.link("/etc/passwd", "/tmp/gradfn-hostile")
print("HARM")
