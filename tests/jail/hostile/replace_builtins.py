# tries: to take away what Python itself needs
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import builtins

builtins.__dict__.clear()
