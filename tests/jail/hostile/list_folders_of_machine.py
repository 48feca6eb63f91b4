# tries: to see what folders the machine has
# must: nothing is seen
# ends: finished
# control: yes
import os

for folder in ("/", "/home", "/root", "/etc"):
    try:
        print("HARM", os.listdir(folder))
    except OSError:
        pass
