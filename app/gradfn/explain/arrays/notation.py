"""How the functions of formulas are listed: what works out each, how it is written, how it binds.

In the LaTeX `#1` is the first argument, `@1` the same in brackets if it needs them.
"""

from collections.abc import Callable
from typing import Any

SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)  # how strongly what is written binds

# By name: the function, its LaTeX (or what makes it of the arguments' LaTeX), and how it binds.
Table = dict[str, tuple[Callable[..., Any], str | Callable[..., str], int]]
