# tries: to run what is at an address
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import ctypes

ctypes.CFUNCTYPE(None)(0xDEAD)()
