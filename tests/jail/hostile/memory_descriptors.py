# tries: to open files without end
# must: OSError when it has as many as it may
# ends: raised OSError
# control: no, a limit of the process and not of the filter
import os

kept = []
while len(kept) < 100:
    kept.append(os.dup(0))
print("HARM")
