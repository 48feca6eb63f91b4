# tries: to read what the fork server was started with
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/self/environ").read())
