# tries: to compute for ever when an object of its own is dropped
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
class Endless:
    def __del__(self):
        while True:
            pass


Endless()
