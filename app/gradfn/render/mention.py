"""Which names a line of the program mentions."""

import re
import tokenize
from collections.abc import Iterator
from io import StringIO

_TOKEN = re.compile(r"\w+|[^\w\s]")


class Mentions:
    """The names in a line of code, which need not be a whole statement; strings do not count."""

    def __init__(self, code: str) -> None:
        self._code = [token for text in _code_of(code) for token in _TOKEN.findall(text)]

    def of(self, name: str) -> bool:
        """Whether the line has the name: `w`, `net.weight`, `layers[0]`, but not as `a.w`."""
        wanted = _TOKEN.findall(name)
        if not wanted:
            return False
        places = (at for at, token in enumerate(self._code) if token == wanted[0])
        return any(
            self._code[at : at + len(wanted)] == wanted and self._code[at - 1 : at] != ["."]
            for at in places
        )


def _code_of(line: str) -> Iterator[str]:
    """The line's tokens but for strings and comments, up to where it stops being Python."""
    try:
        for token in tokenize.generate_tokens(StringIO(line.strip()).readline):
            if token.type not in (tokenize.STRING, tokenize.COMMENT):
                yield token.string
    except (tokenize.TokenError, SyntaxError):
        return
