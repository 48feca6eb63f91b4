# tries: to start threads without end
# must: an error after 64 at most
# ends: raised RuntimeError
# control: no, the limit of processes stops it without a filter
import threading

wait = threading.Event()
try:
    while True:
        threading.Thread(target=wait.wait, daemon=True).start()
        if threading.active_count() > 65:
            print("HARM", threading.active_count())
            break
finally:
    wait.set()
