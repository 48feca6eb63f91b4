# tries: to read how the processors are laid out, for a side channel
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/sys/devices/system/cpu/online").readline())
