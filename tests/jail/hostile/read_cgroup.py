# tries: to read in which container this is
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/self/cgroup").readline())
