# tries: to read what other programs do, by the load
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/loadavg").readline())
