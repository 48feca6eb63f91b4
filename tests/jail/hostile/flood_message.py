# tries: to raise an error whose message is a hundred megabytes
# must: an answer that is cut
# ends: limit output | limit time
# control: no, a limit and not a right
raise ValueError("x" * 10**8)
