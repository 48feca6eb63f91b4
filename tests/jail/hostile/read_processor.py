# tries: to read what processor this is
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/cpuinfo").readline())
