# tries: to leave shared memory by Python's own module
# must: PermissionError
# ends: raised PermissionError
# control: yes
from multiprocessing.shared_memory import SharedMemory

SharedMemory(create=True, size=4096)
print("HARM")
