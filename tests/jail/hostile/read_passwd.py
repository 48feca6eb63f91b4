# tries: to read the machine's list of users
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/etc/passwd").readline())
