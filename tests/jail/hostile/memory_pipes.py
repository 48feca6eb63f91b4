# tries: to fill the kernel's memory with pipes
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

pipes = [os.pipe() for _ in range(8)]
print("HARM")
