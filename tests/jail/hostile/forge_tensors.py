# tries: to tell of forty million values, four million at a time, and keep the server busy with them
# must: a broken wire, and nobody waits
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import msgspec, os

value = dict(shape=[10_000], dtype="int8", data=[0] * 10_000, summary=None)
tensor = ("TensorRead", [], "leaf", True, True, False, None, 0, value, value, 0, [], None)
for _ in range(10):
    body = msgspec.msgpack.encode(("TensorsRead", [tensor] * 200, False))
    rest = memoryview(len(body).to_bytes(4, "little") + body)
    while rest:
        rest = rest[os.write(3, rest) :]
