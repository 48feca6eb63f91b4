# tries: to get more room than there is, by many threads and files that are removed while open
# must: an error
# ends: limit memory | limit time | raised OSError | raised RuntimeError | finished
# control: no, it would fill the disk
import os, threading

kept = []


def fill(number):
    while True:
        file = open(f"f{number}", "wb", buffering=0)
        kept.append(file)
        os.remove(f"f{number}")
        file.write(bytes(8 * 2**20))


threads = [threading.Thread(target=fill, args=(number,), daemon=True) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if sum(len(file.raw.file.data) if hasattr(file, "raw") else 0 for file in kept) > 2**30:
    print("HARM")
