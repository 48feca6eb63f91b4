# tries: to end as a child does that could not tell, as if it were the server's fault
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import os

os._exit(70)
