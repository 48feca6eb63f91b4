# tries: to tell of the two-billionth output of a function, of which somebody may make a list
# must: a broken wire
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import array, msgspec, os


def tell(*record):
    body = msgspec.msgpack.encode(record)
    rest = memoryview(len(body).to_bytes(4, "little") + body)
    while rest:
        rest = rest[os.write(3, rest) :]


def column(*numbers):
    return array.array("i", numbers).tobytes()


one = dict(shape=[1], dtype="float32", data=[1.0], summary=None)
y = ("TensorRead", ["y"], "intermediate", False, True, False, 0, 2**31, one, None, 0, [], None)
w = ("TensorRead", ["w"], "leaf", True, True, False, None, 0, one, one, 0, [1], None)
kinds, kind_of = ["MulBackward0", "AccumulateGrad"], column(0, 1)
tell("GraphWalked", kinds, kind_of, column(0, 1, 1), column(1), column(0), False, b"")
tell("TensorsRead", [y, w], False)
tell("Finished", 0.0, 0.0)
