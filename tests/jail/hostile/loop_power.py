# tries: to compute a number of a hundred million digits
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
10**10**8
