# tries: to read what is mounted where
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/self/mountinfo").readline())
