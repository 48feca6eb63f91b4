# tries: to warn without end
# must: a limit, told as such
# ends: limit output | limit events
# control: no, a limit and not a right
import warnings

for number in range(10**6):
    warnings.warn(f"{number}")
