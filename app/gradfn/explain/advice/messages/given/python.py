"""Texts of plain Python and of NumPy that everybody meets."""

from gradfn.explain.advice.messages.message import Message, Text
from gradfn.model.document import Explanation


def _of_a_key(text: Text) -> Explanation | None:
    """A KeyError says nothing but the key."""
    error = text.case.document.error
    return text.explanation if error is not None and error.type == "KeyError" else None


MESSAGES = (
    Message(
        "array-shapes",
        r"operands could not be broadcast together with shapes (\(.*?\)) (\(.*?\))",
        "The shapes of the arrays do not fit",
        "NumPy was given {0} and {1}: counted from the right, sizes must be equal, or one of "
        "them 1.",
        "Print the shapes; `reshape` or `[:, None]` adds a dimension.",
        None,
    ),
    Message(
        "array-product",
        r"matmul: Input operand 1 has a mismatch in its core dimension 0.*?\(size (\d+) is "
        r"different from (\d+)\)",
        "The inner sizes of the product differ",
        "The last size of the left is {1}, and the right has {0}.",
        "Transpose one of the arrays: `.T`.",
        None,
    ),
    Message(
        "missing-key",
        r"^(?:'(?!popitem\(\)|pop from an empty )([^']*)'|\d+|\(.*\))$",
        "There is no such key or element",
        "A dictionary has no entry for a key, or a set has no such element.",
        "Print what is in it. A dictionary's `.get(key)` and a set's `.discard(…)` raise no error.",
        None,
        _of_a_key,
    ),
    Message(
        "text-and-number",
        r"can only concatenate (\w+) \(not \"(\w+)\"\) to \w+",
        "These two cannot be joined by +",
        "The left is of the class `{0}`, the right of `{1}`.",
        'For text write an f-string: `f"{{a}} {{b}}"`.',
        None,
    ),
    Message(
        "item-assignment",
        r"^'(tuple|str|bytes|range)' object does not support item assignment",
        "Its elements cannot be replaced",
        "A `{0}` cannot be changed.",
        "Make a new one, or use a list.",
        None,
    ),
    Message(
        "no-integer",
        r"invalid literal for int\(\) with base \d+: (.*)",
        "This text is no integer",
        "It says {0}.",
        "Of a number with decimals make an integer by `int(float(…))`. Otherwise check what was "
        "read: it may be empty, or have a unit or a header in it.",
        None,
    ),
    Message(
        "no-number",
        r"could not convert string to float: (.*)",
        "This text is no number",
        "It says {0}.",
        "Check what was read: it may be empty, or have a unit or a header in it.",
        None,
    ),
    Message(
        "int-of-what",
        r"(?:int|float)\(\) argument must be a string.*?, not '(\w+)'",
        "This cannot become a number",
        "It is of the class `{0}`.",
        "Look where it is bound; a function without `return` gives None.",
        None,
    ),
    Message(
        "unexpected-keyword",
        r"(?<![\w.])(\w+(?:\.\w+)*)\(\) got an unexpected keyword argument '(\w+)'",
        "`{0}` has no parameter of this name",
        "It was given `{1}=…`.",
        "Check the spelling: `help({0})` lists the parameters.",
        None,
    ),
    Message(
        "not-json",
        r"^(?:Expecting (?:property name|value|',' delimiter|':' delimiter).*?|Extra data): "
        r"line (\d+) column (\d+)",
        "The text is no JSON",
        "It stops fitting at its line {0}, column {1}.",
        "Look at the text there: JSON has double quotes, and no comma at the end.",
        None,
    ),
    Message(
        "pop-of-empty",
        r"^'?pop from (?:an )?empty (\w+)",
        "There is nothing left",
        "The {0} is empty.",
        "Check its length first.",
        None,
    ),
    Message(
        "empty-sequence",
        r"^(max|min)\(\) (?:arg is an empty sequence|iterable argument is empty)",
        "There is nothing to choose from",
        "`{0}` was given no values.",
        "Pass `default=`, or check why there are none.",
        None,
    ),
    Message(
        "not-comparable",
        r"'([^'\s]{1,10})' not supported between instances of '(\w+)' and '(\w+)'",
        "These two values cannot be ordered",
        "`{0}` does not compare `{1}` with `{2}`.",
        "Compare values that have an order, as two numbers; `float(…)` makes a number of text that "
        "was read from a file.",
        None,
    ),
    Message(
        "no-length",
        r"object of type '(\w+)' has no len\(\)",
        "This has no length",
        "It is of the class `{0}`.",
        "Pass what holds the elements; of an iterator make a list.",
        None,
    ),
    Message(
        "not-an-integer",
        r"^'(\w+)' object cannot be interpreted as an integer",
        "An integer is needed here",
        "It is of the class `{0}`.",
        "Convert it with `int(…)`, or divide with `//`.",
        None,
    ),
)
