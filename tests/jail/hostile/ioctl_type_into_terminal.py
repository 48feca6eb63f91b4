# tries: to type into the terminal that the server was started in
# must: OSError
# ends: raised OSError
# control: no, a program has no terminal
import fcntl

for descriptor in range(4):
    fcntl.ioctl(descriptor, 0x5412, b"x")
print("HARM")
