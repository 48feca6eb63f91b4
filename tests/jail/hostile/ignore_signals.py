# tries: to ignore every signal that would end it
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    pass
