# tries: to read who is connected to the machine
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/net/tcp").readline())
