# tries: to fill the disk
# must: an error, and a disk with room
# ends: limit memory | raised OSError
# control: no, it would fill the disk
with open("large", "wb") as file:
    while True:
        file.write(bytes(10**6))
