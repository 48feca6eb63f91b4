# tries: to write rubbish to every descriptor that it might have
# must: a broken wire, which is a crash of this run only
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import os

for descriptor in (*range(11), *range(60, 130), *range(890, 1024)):
    try:
        os.write(descriptor, b"HARM\n"[1:] * 100)
        if descriptor > 3:
            print("HARM", descriptor)
    except OSError:
        pass
