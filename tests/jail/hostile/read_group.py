# tries: to read the groups of the machine
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/etc/group").readline())
