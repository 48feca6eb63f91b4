# tries: to read what no pointer points to
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import ctypes

ctypes.string_at(0)
