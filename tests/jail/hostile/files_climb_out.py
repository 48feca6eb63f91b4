# tries: to read and write files of the machine by paths that begin in its own folder
# must: nothing read, nothing written
# ends: finished
# control: no, the folder is in memory and only here
import os, pathlib, shutil

os.makedirs("/tmp/gradfn-a/b", exist_ok=True)
os.chdir("/tmp/gradfn-a/b")
ways = [
    lambda: open("/scratch/../etc/passwd").read(),
    lambda: open("../../../../../etc/passwd").read(),
    lambda: open(b"/tmp/../../etc/passwd").read(),
    lambda: pathlib.Path("/scratch/../../etc/passwd").read_text(),
    lambda: shutil.copy("/etc/passwd", "mine") and open("mine").read(),
    lambda: os.rename("/etc/hostname", "mine"),
    lambda: os.replace("/tmp/gradfn-a/b", "/etc/gradfn-hostile"),
    lambda: open("/scratch/../etc/gradfn-hostile", "w"),
    lambda: os.open("../../../etc/gradfn-hostile", os.O_RDWR | os.O_CREAT),
]
for way in ways:
    try:
        print("HARM", way())
    except OSError:
        pass
