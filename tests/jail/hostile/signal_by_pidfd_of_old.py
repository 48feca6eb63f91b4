# tries: to send a signal through a descriptor that is none of a process
# must: PermissionError
# ends: raised PermissionError
# control: no, the kernel refuses the descriptor too
import signal

signal.pidfd_send_signal(0, signal.SIGKILL)
print("HARM")
