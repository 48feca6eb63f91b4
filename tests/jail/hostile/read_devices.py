# tries: to open the devices of the machine
# must: nothing opened
# ends: finished
# control: yes
for name in ("zero", "full", "tty", "kmsg", "mem", "kvm", "fuse", "net/tun", "ptmx", "shm/x"):
    try:
        print("HARM", open(f"/dev/{name}", "rb").fileno())
    except OSError:
        pass
