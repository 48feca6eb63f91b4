# tries: to leave a file for the next program, wherever it can
# must: the next finds none
# ends: finished
# control: yes
# runs: 2
import _io, os, posix

for folder in ("/tmp", "/dev/shm", "/var/tmp", os.environ.get("HOME", "/"), "/run/lock"):
    name = f"{folder}/gradfn-hostile-trace"
    for exists, open_file in (
        (os.path.exists, open),
        (lambda name: posix.access(name, 0), _io.open),
    ):
        if exists(name):
            print("HARM", name)
            continue
        try:
            open_file(name, "w").close()
        except OSError:
            pass
