# tries: to find a descriptor that is not its own: a control socket, a pipe of another program
# must: nothing but its four pipes
# ends: finished
# control: no, they are closed without a filter
import os

for descriptor in range(4, 2**16):
    try:
        os.fstat(descriptor)
        print("HARM", descriptor)
    except OSError:
        pass
