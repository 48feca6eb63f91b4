# tries: to change its own priority, and on which cores it runs
# must: PermissionError at each
# ends: finished
# control: yes
import os

for way in (
    lambda: os.nice(1),
    lambda: os.nice(-1),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, 19),
    lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)),
    lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)),
):
    try:
        way()
        print("HARM")
    except PermissionError:
        pass
