# tries: to say that it finished, and go on
# must: it is believed and ended
# ends: finished
# control: no, its own pipes are its own to spoil
import os
from gradfn.events.kinds import Finished
from gradfn.events.wire import encode

os.write(3, encode(Finished(0.0, 0.0)))
while True:
    pass
