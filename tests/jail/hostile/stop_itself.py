# tries: to stop itself, when its own clock stops too
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
import signal

signal.raise_signal(signal.SIGSTOP)
print("HARM")
