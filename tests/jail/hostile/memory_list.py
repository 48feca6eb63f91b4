# tries: to fill the memory with a list
# must: the limit of memory, told as such
# ends: limit memory | limit time
# control: no, a limit of the process and not of the filter
kept = []
while True:
    kept.append([0] * 10**5)
