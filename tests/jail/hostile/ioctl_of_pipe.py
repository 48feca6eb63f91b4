# tries: to change the flags of a pipe by ioctl
# must: OSError
# ends: raised OSError
# control: yes
import array, fcntl

fcntl.ioctl(0, 0x5421, array.array("i", [1]))
print("HARM")
