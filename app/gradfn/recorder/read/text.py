"""Text of a hostile program, made fit to travel."""

import itertools
import reprlib
from typing import Any

REPR_CHARACTERS = 1_000
RESULT_CHARACTERS = 20_000

_name_of = vars(type)["__name__"].__get__  # a metaclass may have another idea


def clean(text: str, most: int) -> str:
    """At most `most` characters of `text`, lone surrogates replaced."""
    # str's own method: a subclass may have another idea of slicing.
    return str.__str__(text)[:most].encode("utf-8", "replace").decode()


def type_name(thing: object) -> str:
    """The name of its class."""
    return clean(_name_of(type(thing)), 100)


def class_name(kind: type) -> str:
    """The name of a class."""
    return clean(_name_of(kind), 100)


def safe_str(thing: object, most: int) -> str:
    """`str(thing)`, or a note when the program's own `__str__` fails."""
    try:
        return clean(str(thing), most)
    except BaseException as error:
        return f"<{type_name(error)} in __str__ of {type_name(thing)}>"


class ShortRepr(reprlib.Repr):
    """The repr of one of the program's objects, never long and never an exception."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = REPR_CHARACTERS
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxdeque = 20
        self.maxlevel = 3  # 20 elements at each: 8,000 in all

    def repr(self, x: Any) -> str:
        """The repr, or a note when the program's own `__repr__` fails."""
        try:
            return clean(super().repr(x), REPR_CHARACTERS)
        except BaseException as error:
            return f"<{type_name(error)} in __repr__ of {type_name(x)}>"

    def repr1(self, x: Any, level: int) -> str:
        """As reprlib, but a class is known by itself, not by its name."""
        if type(x) in (list, tuple, dict, set, frozenset, str, int):
            return super().repr1(x, level)
        return self.repr_instance(x, level)

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        """As reprlib, but in the order of the dictionary."""
        if level <= 0 and x:
            return "{...}"
        shown = [
            f"{self.repr1(key, level - 1)}: {self.repr1(part, level - 1)}"
            for key, part in itertools.islice(x.items(), self.maxdict)
        ]
        return "{" + ", ".join(shown + ["..."] * (len(x) > self.maxdict)) + "}"

    def repr_instance(self, x: Any, level: int) -> str:
        """As Python has it, its middle left out when it is long."""
        text = str.__str__(repr(x))
        if len(text) <= self.maxother:
            return text
        half = (self.maxother - 3) // 2
        return f"{text[:half]}...{text[-half:]}"
