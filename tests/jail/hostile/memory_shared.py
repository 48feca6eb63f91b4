# tries: to fill the memory with mappings that the limit does not count
# must: PermissionError
# ends: raised PermissionError
# control: yes
import mmap

for _ in range(8):
    mmap.mmap(-1, 2**28, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
print("HARM")
