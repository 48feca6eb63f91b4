# tries: to keep a place without using it
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
import time

time.sleep(10**6)
