# tries: to change the types that the decoder and the walk use
# must: a run like others
# ends: finished
# control: no, it harms only itself
import ctypes, gc

proxied = gc.get_referents(str.__dict__)[0]
proxied["encode"] = lambda *arguments: b"HARM"
proxied["isidentifier"] = lambda *arguments: 1 / 0
