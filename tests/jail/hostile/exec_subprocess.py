# tries: to run a program beside itself
# must: PermissionError
# ends: raised PermissionError
# control: yes
import subprocess

subprocess.run(["/bin/echo", "HARM"])
