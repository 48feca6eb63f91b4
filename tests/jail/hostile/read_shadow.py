# tries: to read the machine's passwords
# must: PermissionError
# ends: raised PermissionError
# control: no, without root's rights nobody reads it anyway
print("HARM", open("/etc/shadow").readline())
