# tries: to replace the modules that tell of it
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import sys

for name, module in list(sys.modules.items()):
    if name.startswith("gradfn."):
        module.__dict__.clear()
