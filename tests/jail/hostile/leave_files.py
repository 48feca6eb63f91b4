# tries: to leave a file for the next program, wherever it can
# must: the next finds none
# ends: finished
# control: yes
# runs: 2
import os

for folder in ("/tmp", "/dev/shm", "/var/tmp", os.environ.get("HOME", "/"), "/run/lock"):
    name = f"{folder}/gradfn-hostile-trace"
    if os.path.exists(name):
        print("HARM", name)
        continue
    try:
        open(name, "w").close()
    except OSError:
        pass
