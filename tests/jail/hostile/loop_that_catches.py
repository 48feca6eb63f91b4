# tries: to swallow whatever would end it
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
