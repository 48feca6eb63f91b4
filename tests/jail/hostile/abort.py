# tries: to abort
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import os

os.abort()
