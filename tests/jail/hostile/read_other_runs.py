# tries: to list the folder for temporary files, where other programs' may be
# must: PermissionError
# ends: raised PermissionError
# control: yes
import posix  # what `os` lists is memory of its own

print("HARM", posix.listdir("/tmp"))
