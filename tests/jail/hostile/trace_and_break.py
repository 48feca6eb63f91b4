# tries: to raise from a profile function while our code tells its last words
# must: a crash of this run only
# ends: crashed crash
# control: no, it harms only itself
import atexit, sys


def spoil(frame, event, argument):
    if frame.f_code.co_filename.endswith("run_once.py"):
        raise KeyboardInterrupt


atexit.register(sys.setprofile, spoil)
