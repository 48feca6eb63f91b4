# tries: to close its pipes and live on where nobody sees it
# must: an answer, and the process ended
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import os, time

for descriptor in range(4):
    os.close(descriptor)
time.sleep(10**6)
