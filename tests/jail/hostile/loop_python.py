# tries: to compute for ever
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
while True:
    pass
