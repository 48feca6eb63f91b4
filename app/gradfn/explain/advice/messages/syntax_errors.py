"""Texts of Python's parser, in plain words."""

from gradfn.explain.advice.messages.message import Message

MESSAGES = (
    Message(
        "bracket-not-closed",
        r"^'([(\[{])' was never closed",
        "A bracket is not closed",
        "The `{0}` of this line has no counterpart: Python read on to the end of the program.",
        "Close it, often at the end of the line.",
        None,
    ),
    Message(
        "bracket-unmatched",
        r"^unmatched '([)\]}}])'|^closing parenthesis '(.)' does not match",
        "A closing bracket too many",
        "No bracket of this kind is open here.",
        "Remove it, or open the bracket before.",
        None,
    ),
    Message(
        "colon-missing",
        r"^expected ':'",
        "A colon is missing",
        "`if`, `for`, `while`, `def`, `class` and `with` end their line with a colon.",
        "Add `:` at the end of the line.",
        None,
    ),
    Message(
        "indented-block-missing",
        r"^expected an indented block after (.+) on line (\d+)",
        "The body is missing",
        "After {0} in line {1} there must be at least one indented line.",
        "Indent the lines that belong to it by four spaces, or write `pass`.",
        None,
    ),
    Message(
        "indentation",
        r"^unexpected indent|^unindent does not match any outer indentation level|"
        r"^inconsistent use of tabs and spaces",
        "The indentation does not fit",
        "Lines of one block begin in the same column, and tabs are not mixed with spaces.",
        "Indent the line as the one before it.",
        None,
    ),
    Message(
        "string-not-closed",
        r"^unterminated (?:triple-quoted )?(?:f-)?string literal",
        "A text is not closed",
        "A text that begins with a quotation mark ends with the same one, in the same line unless "
        "it has three of them.",
        "Add the closing quotation mark.",
        None,
    ),
    Message(
        "assignment-in-a-condition",
        r"Maybe you meant '==' (?:or ':=' )?instead of '='|^cannot assign to (.+?) here",
        "An assignment where a comparison is meant",
        "`=` gives a name to a value, `==` compares two.",
        "Write `==` to compare.",
        None,
    ),
    Message(
        "comma-missing",
        r"^invalid syntax\. Perhaps you forgot a comma",
        "A comma or an operator is missing",
        "Two expressions stand side by side with nothing between them.",
        "Put a comma between them, or an operator such as `*`.",
        None,
    ),
    Message(
        "outside-a-function",
        r"^'(return|yield|await)' outside (?:async )?function",
        "This statement belongs in a function",
        "`{0}` is only possible inside a function.",
        "Indent it so that it is in the body of the function, or leave it out.",
        None,
    ),
    Message(
        "print-of-python-2",
        r"^Missing parentheses in call to 'print'",
        "print is a function",
        "In Python 2 it was a statement; since Python 3 it is called like any function.",
        "Write `print(…)`.",
        None,
    ),
    Message(
        "invalid-syntax",
        r"^invalid syntax$",
        "Python does not understand this line",
        "The marked place does not fit what is before it. The cause is often at the end of the "
        "line above: a missing bracket, comma or operator.",
        "Look at the marked place and at the line above it.",
        None,
    ),
)
