# tries: to fill the memory with a mapping that says it is a stack, which the limit does not count
# must: PermissionError
# ends: raised PermissionError
# control: no, the limit of addresses stops it without a filter
import mmap

MAP_GROWSDOWN = 0x100
kept = mmap.mmap(-1, 2**30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_GROWSDOWN)
print("HARM")
