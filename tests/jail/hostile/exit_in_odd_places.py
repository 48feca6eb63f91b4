# tries: to leave by SystemExit from where nobody expects it
# must: a run like others
# ends: finished
# control: no, it harms only itself
import atexit, sys


class Leaving:
    def __del__(self):
        sys.exit(3)

    def __repr__(self):
        sys.exit(4)


atexit.register(sys.exit, 5)
value = Leaving()
sys.exit("bye")
