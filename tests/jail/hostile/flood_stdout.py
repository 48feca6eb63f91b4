# tries: to print without end
# must: the limit of output, told as such
# ends: limit output
# control: no, a limit and not a right
while True:
    print("x" * 999)
