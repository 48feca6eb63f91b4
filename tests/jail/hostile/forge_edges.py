# tries: to tell of a graph with three million edges, and keep the server busy with it
# must: a broken wire
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import array, msgspec, os

functions, edges = 9_000, 3_600_000
offsets = array.array("i", range(0, edges + 1, edges // functions)).tobytes()
columns = bytes(4 * functions), offsets, bytes(4 * edges), bytes(4 * edges)
for record in (("GraphWalked", ["A"], *columns, False, b""), ("Finished", 0.0, 0.0)):
    body = msgspec.msgpack.encode(record)
    rest = memoryview(len(body).to_bytes(4, "little") + body)
    while rest:
        rest = rest[os.write(3, rest) :]
