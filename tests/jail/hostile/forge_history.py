# tries: to tell of so many passes and updates that explaining them takes minutes
# must: an answer without explanations, others answered meanwhile
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


changed = ("w", 0, None, None)
w = ("TensorRead", ["w"], "parameter", True, True, False, None, 0, None, None, 0, [], None)
backward = ("backward", 1, None, 1_000_000, [], [], [], [], [changed], None, False)
place = (1, 0, 1, 10, "opt.step()")
update = ("optimizer_step", 0, 1, 0, [changed])
tell("GraphWalked", [], b"", column(0), b"", b"", False, b"")
tell("TensorsRead", [w], False)
tell("Recorded", [place], [], [], [backward] * 40_000, [], [], [update] * 40_000, [], 0, 0, [])
tell("Finished", 0.0, 0.0)
