# tries: to start threads without end, each so small that memory does not stop it
# must: an error after 64, and those that other runs have given back meanwhile
# ends: raised RuntimeError
# control: no, the limit of processes stops it without a filter
import threading

threading.stack_size(32768)
wait = threading.Event()
try:
    while True:
        threading.Thread(target=wait.wait, daemon=True).start()
        if threading.active_count() > 128:
            print("HARM", threading.active_count())
            break
finally:
    wait.set()
