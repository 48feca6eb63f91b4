# tries: to close everything it has
# must: a crash of this run only
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import os

os.closerange(0, 4)
