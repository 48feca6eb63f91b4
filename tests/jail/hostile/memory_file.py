# tries: to fill the memory with files that only memory holds
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

descriptor = os.memfd_create("big")
os.write(descriptor, bytes(2**20))
print("HARM")
