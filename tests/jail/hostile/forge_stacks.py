# tries: to tell of a stack once and refer to it so often that the answer takes gigabytes
# must: an answer in which stacks are left out
# ends: finished
# control: no, its own pipes are its own to spoil
import array, msgspec, os


def tell(*record):
    body = msgspec.msgpack.encode(record)
    rest = memoryview(len(body).to_bytes(4, "little") + body)
    while rest:
        rest = rest[os.write(3, rest) :]


def column(*numbers):
    return array.array("i", numbers).tobytes()


stack = [["x" * 200, 1]] * 1_000
backward = ("backward", None, 0, None, [], [], [], [], [], None, False)
tell("GraphWalked", [], b"", column(0), b"", b"", False, b"")
tell("TensorsRead", [], False)
tell("Recorded", [], [stack], [], [backward] * 8_000, [], [], [], [], 0, 0, [])
tell("Finished", 0.0, 0.0)
