# tries: to write to the wire itself, by replacing what writes
# must: a run like others
# ends: finished
# control: no, it harms only itself
import os, struct

os.write = os._exit = os.read = lambda *arguments: 1
struct.pack = lambda *arguments: b"HARM"
