"""Text of a hostile program, made fit to travel."""

import reprlib

REPR_CHARACTERS = 1_000
RESULT_CHARACTERS = 20_000


def clean(text: str, most: int) -> str:
    """At most `most` characters of `text`, lone surrogates replaced."""
    # str's own method: a subclass may have another idea of slicing.
    return str.__str__(text)[:most].encode("utf-8", "replace").decode()


def safe_str(thing: object, most: int) -> str:
    """`str(thing)`, or a note when the program's own `__str__` fails."""
    try:
        return clean(str(thing), most)
    except BaseException as error:
        return f"<{type(error).__name__} in __str__ of {clean(type(thing).__name__, 100)}>"


def short_repr(thing: object) -> str:
    """The repr of one of the program's objects, never long and never an exception."""
    try:
        return clean(_short.repr(thing), REPR_CHARACTERS)
    except BaseException as error:
        return f"<{type(error).__name__} in __repr__ of {clean(type(thing).__name__, 100)}>"


_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = REPR_CHARACTERS
_short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = 20
