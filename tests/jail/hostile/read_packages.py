# tries: to read which packages can be attacked
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/var/lib/dpkg/status").readline())
