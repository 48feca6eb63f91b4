# tries: to see by its processor clock how busy another process is
# must: OSError
# ends: raised OSError
# control: yes
import os, time

print("HARM", time.clock_gettime((~os.getppid() << 3) | 2))
