# tries: to run before all others
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import os

os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
print("HARM")
