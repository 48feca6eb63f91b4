# tries: to go on after its end
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
import atexit


@atexit.register
def forever():
    while True:
        pass
