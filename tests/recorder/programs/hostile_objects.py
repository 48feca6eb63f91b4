# Objects that fight back: in repr, eq, hash, getattr, class and metaclass.
import sys
import torch


class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    __module__ = property(lambda cls: 1 / 0)

    def __eq__(cls, other):
        raise SystemExit("eq of a class")

    def __hash__(cls):
        raise SystemExit("hash of a class")

    def __instancecheck__(cls, thing):
        raise SystemExit("instancecheck")

    def __subclasscheck__(cls, kind):
        return True

    def mro(cls):
        return [cls, object]


class Hostile(metaclass=Meta):
    __class__ = property(lambda self: torch.Tensor)

    def __getattribute__(self, name):
        raise KeyboardInterrupt(name)

    def __repr__(self):
        raise SystemExit("repr")

    def __eq__(self, other):
        raise MemoryError

    __hash__ = None


class Loud:
    def __init__(self):
        self.w = torch.ones(1, requires_grad=True)

    def __repr__(self):
        print("repr printed this")
        print("and this", file=sys.stderr)
        return "Loud" * 10_000


class Items(dict):
    def items(self):
        raise SystemExit("items")

    def __iter__(self):
        raise SystemExit("iter")


class Elements(list):
    def __iter__(self):
        raise SystemExit("iter")

    def __len__(self):
        return -1


hostile = Hostile()
loud = Loud()
items = Items(w=torch.ones(1, requires_grad=True))
elements = Elements([torch.ones(1, requires_grad=True)])
y = loud.w * dict.__getitem__(items, "w")
