# tries: to fill the stack of C by a recursion that Python is told to allow
# must: an end of this process only
# ends: crashed crash
# control: no, it harms only itself
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __repr__(self):
        return repr(self)


repr(Deep())
