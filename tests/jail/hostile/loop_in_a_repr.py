# tries: to compute for ever while it is being told of
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
class Endless(dict):
    def __repr__(self):
        while True:
            pass


value = Endless()
value
