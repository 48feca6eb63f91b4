# tries: to run a program by posix_spawn
# must: PermissionError
# ends: raised PermissionError
# control: yes
import os

os.waitpid(os.posix_spawn("/bin/echo", ["echo", "HARM"], {}), 0)
