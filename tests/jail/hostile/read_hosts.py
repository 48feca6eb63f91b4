# tries: to read the names of other machines
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/etc/hosts").readline())
