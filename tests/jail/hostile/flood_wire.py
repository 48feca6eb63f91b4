# tries: to tell without end
# must: the limit of what may be told, told as such
# ends: limit events
# control: no, a limit and not a right
import os
from gradfn.events.kinds import Warned
from gradfn.events.wire import encode

frame = encode(Warned("Flood", "x" * 20_000, 1))
while True:
    os.write(3, frame)
