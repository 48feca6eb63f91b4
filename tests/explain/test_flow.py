"""Which statements a line depends on: names go by scope, and end at what binds them anew."""

import pytest

from gradfn.explain.advice.source import Source

# The last line that ends with `# asked` is asked about; what feeds it ends with `# feeds`.
PROGRAMS = {
    "a binding before it in the block": """
x = 1
x = 2  # feeds
y = x  # asked
""",
    "both branches": """
if c:
    x = 1  # feeds
else:
    x = 2  # feeds
y = x  # asked
""",
    "what is bound after it comes round the loop": """
h = 0  # feeds
for i in range(3):  # not: its head is no part of it
    y = h  # asked
    h = y + 1  # feeds
""",
    "what is bound anew does not come round": """
for i in range(3):
    loss = 1  # feeds
    loss.backward()  # asked
    loss = loss.item()
""",
    "an update does not bind anew": """
x = 1  # feeds
x += 2  # feeds
y = x  # asked
""",
    "the body of a with": """
x = 1
with block:
    x = 2  # feeds
y = x  # asked
""",
    "a name of a function is its own": """
loss = elsewhere
def train():
    for i in range(3):
        loss = 1  # feeds
    loss.backward()  # asked
""",
    "a name of a function is not the module's": """
def train():
    loss = 1
    return 2
loss = 3  # feeds
loss.backward()  # asked
""",
    "a parameter may be any of that name": """
loss = 3  # feeds
def train(loss):
    loss.backward()  # asked
train(loss)
""",
    "what a function gives back": """
def made():  # feeds
    x = 1  # feeds
    return x  # feeds
y = made()  # feeds
y.backward()  # asked
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_feeds_a_line(name: str) -> None:
    lines = PROGRAMS[name].split("\n")
    asked = next(nr for nr, each in enumerate(lines, 1) if each.endswith("# asked"))
    feeds = {nr for nr, each in enumerate(lines, 1) if each.endswith("# feeds")}

    found = {each.lineno for each in Source(PROGRAMS[name]).feeding(asked)}

    heads = {nr for nr in found if lines[nr - 1].startswith("for ")}
    assert found - {asked} - heads == feeds


@pytest.mark.parametrize("line", ["x = x + 1\n", "x.a = y\n", "if c: x = x + 1\n"])
def test_a_program_as_long_as_may_be_is_followed_to_its_bound(line: str) -> None:
    code = line * (65_536 // len(line))

    assert Source(code).feeding(code.count("\n"))
