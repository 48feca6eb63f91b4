"""What `gradfn graph` and `gradfn explain` say while a script runs for long."""

from itertools import count

from gradfn.commands.progress import Progress
from gradfn.commands.script import Script, run_script

LOOP = """\
total = 0
for i in range(40):
    total += i
"""


def said(code: str, seconds_a_line: float) -> list[str]:
    """What is said of a script each line of which takes so many seconds."""
    lines: list[str] = []
    clock = (number * seconds_a_line for number in count())
    run_script(Script("loop.py", code), progress=Progress("loop.py", lines.append, clock.__next__))
    return lines


def test_every_five_seconds_a_line_says_where_the_script_is() -> None:
    *running, ended = said(LOOP, 0.25)

    assert running == [
        "gradfn: loop.py: 5 s, line 3, 18 iterations\n",
        "gradfn: loop.py: 10 s, line 3, 38 iterations\n",
    ]
    assert ended.startswith("gradfn: loop.py: 1")
    assert ended.endswith(" s, ended; its graph is read and explained\n")


def test_nothing_is_said_of_a_script_that_is_over_before() -> None:
    assert said(LOOP, 0.01) == []
