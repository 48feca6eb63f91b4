# tries: to run a command of the shell
# must: nothing runs
# ends: finished
# control: yes
import os

os.system("echo HARM")
