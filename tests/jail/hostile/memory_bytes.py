# tries: to have a gigabyte at once
# must: the limit of memory, told as such
# ends: limit memory
# control: no, a limit of the process and not of the filter
kept = bytearray(2**30)
print("HARM")
