# tries: to tell of a graph that goes in a circle, so that the paths through it have no end
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
y = ("TensorRead", ["y"], "intermediate", False, True, False, 0, 0, one, None, 0, [], None)
w = ("TensorRead", ["w"], "leaf", True, True, False, None, 0, one, one, 0, [2], None)
operands = [["self", 1, None], ["other", 1, None]]
functions = [[each, None, "", None, None, None, None, operands, []] for each in (0, 1)]
went = [[each, "", [one], [one, one]] for each in (0, 1)]
backward = ("backward", None, None, None, [0], [one], [one], went, [], None, False)
kinds, kind_of = ["MulBackward0", "AccumulateGrad"], column(0, 0, 1)
edges, numbers = column(1, 2, 0, 2), column(0, 0, 0, 0)
tell("GraphWalked", kinds, kind_of, column(0, 2, 4, 4), edges, numbers, False, b"")
tell("TensorsRead", [y, w], False)
tell("Recorded", [], [], functions, [backward], [], [], [], [], 0, 0, [])
tell("Finished", 0.0, 0.0)
