# tries: to read what tells this machine from all others
# must: PermissionError
# ends: raised PermissionError
# control: yes
print("HARM", open("/proc/sys/kernel/random/boot_id").readline())
