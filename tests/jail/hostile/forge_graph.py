# tries: to tell of a graph far larger than may be told, and keep the server busy with it
# must: a broken wire
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import array, msgspec, os

n = 1_900_000
offsets = array.array("i", range(n + 1)).tobytes()
walked = ("GraphWalked", ["A"], bytes(4 * n), offsets, bytes(4 * n), bytes(4 * n), False, b"")
for record in (walked, ("Finished", 0.0, 0.0)):
    body = msgspec.msgpack.encode(record)
    rest = memoryview(len(body).to_bytes(4, "little") + body)
    while rest:
        rest = rest[os.write(3, rest) :]
