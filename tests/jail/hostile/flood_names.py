# tries: to bind more and longer names than anybody reads
# must: an answer that is cut
# ends: finished
# control: no, a limit and not a right
for number in range(5_000):
    globals()[f"n{number}" * 500] = "x" * 10_000
