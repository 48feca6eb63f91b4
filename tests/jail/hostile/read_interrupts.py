# tries: to read when other programs work, by the interrupts
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/interrupts").readline())
