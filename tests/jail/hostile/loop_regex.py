# tries: to compute for ever in C, where no exception comes
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
import re

re.match("(a+)+$", "a" * 60 + "b")
