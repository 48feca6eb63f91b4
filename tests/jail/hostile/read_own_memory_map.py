# tries: to learn its own memory map, which is its siblings' too
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/self/maps").readline())
