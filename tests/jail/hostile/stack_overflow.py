# tries: to overflow the stack of C
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import ctypes, sys

callback = None


def again(left, right):
    compare(items, 2, 4, callback)
    return 0


items = (ctypes.c_int * 2)(2, 1)
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
callback, compare = kind(again), ctypes.CDLL(None).qsort
sys.setrecursionlimit(10**8)
compare(items, 2, 4, callback)
