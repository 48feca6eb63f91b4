# tries: to set the clock of the machine
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import time

time.clock_settime(time.CLOCK_REALTIME, time.time())
print("HARM")
