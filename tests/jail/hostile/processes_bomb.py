# tries: to start processes without end, by the threads that stand for them
# must: an error
# ends: raised RuntimeError | limit memory | limit time
# control: no, it would take the machine
import multiprocessing, threading

wait = threading.Event()
while True:
    multiprocessing.Process(target=wait.wait, daemon=True).start()
