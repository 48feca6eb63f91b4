# tries: to take away the clock that would interrupt it
# must: the limit of time, told as such
# ends: limit time
# control: no, it harms only itself
import signal, sys

sys.modules["gradfn.child.program.deadline"].__dict__.clear()
signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    pass
