"""Programs whose output must be what `python program.py` prints, to the letter."""

PROGRAMS = {
    "an uncaught exception": """
def inner(n):
    return 1 / n

def outer():
    return inner(0) + 1

print("before")
outer()
""",
    "carets under the part that failed": """
things = {"a": [1, 2]}
print(things["a"][0] + things["b"][0])
""",
    "an exception raised from another": """
try:
    int("x")
except ValueError as error:
    raise RuntimeError("no number") from error
""",
    "an exception raised while handling another": """
def clean_up():
    [][1]

try:
    {}["key"]
except KeyError:
    clean_up()
""",
    "an exception that hides its context": """
try:
    1 / 0
except ZeroDivisionError:
    raise ValueError("only this") from None
""",
    "a group of exceptions": """
def fail(error):
    raise error

errors = []
for error in (ValueError("one"), TypeError("two")):
    try:
        fail(error)
    except Exception as caught:
        errors.append(caught)
raise ExceptionGroup("both", errors)
""",
    "a note on an exception": """
error = ValueError("odd")
error.add_note("the first\\nsecond line")
raise error
""",
    "a name that is nearly right": """
learning_rate = 0.1
print(learning_rat)
""",
    "an attribute that is nearly right": """
class Net:
    def forward(self):
        return 1

Net().foward()
""",
    "an exception of the program's own": """
class Trouble(Exception):
    def __str__(self):
        return "line one\\nline two <script>"

raise Trouble
""",
    "an exception whose str fails": """
class Trouble(Exception):
    def __str__(self):
        raise ValueError("again")

raise Trouble
""",
    "a syntax error": "print('fine')\nx = = 1\n",
    "a syntax error over two lines": "x = (1,\n     2\ny = 3\n",
    "an indentation error": "def f():\nreturn 1\n",
    "tabs mixed with spaces": "if True:\n\tx = 1\n        y = 2\n",
    "a string that does not end": "x = 'abc\nprint(x)\n",
    "a return outside a function": "x = 1\nreturn x\n",
    "a break outside a loop": "if 1:\n    break\n",
    "a syntax error in code that the program compiles": "exec('y = = 2')\n",
    "a warning with its line": """
import warnings

def old():
    warnings.warn("use the new one", DeprecationWarning, stacklevel=2)

old()
warnings.warn("just saying")
for _ in range(2):
    warnings.warn("once")
""",
    "a syntax warning": "x = 1\nprint(x is 1)\n",
    "warnings as errors": """
import warnings
warnings.simplefilter("error")
warnings.warn("no more")
""",
    "SystemExit with a text": "import sys\nprint('a')\nsys.exit('goodbye')\n",
    "SystemExit with a number": "import sys\nprint('a')\nsys.exit(3)\n",
    "SystemExit with nothing": "print('a')\nraise SystemExit\nprint('b')\n",
    "SystemExit with an object": "raise SystemExit(['a', 1])\n",
    "an exception nobody can catch": """
class Thing:
    def __del__(self):
        1 / 0

thing = Thing()
del thing
print("on")
""",
    "an exception in a thread": """
import threading

def work():
    raise ValueError("in a thread")

thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
print("on")
""",
    "a hook of the program's own": """
import sys

def hook(kind, error, trace):
    print("hooked", kind.__name__, error, trace.tb_lineno, trace.tb_next, file=sys.stderr)

sys.excepthook = hook
1 / 0
""",
    "a hook that fails": """
import sys

def hook(kind, error, trace):
    {}["key"]

sys.excepthook = hook
1 / 0
""",
    "the main guard": """
def main():
    print(__name__, __doc__, __package__, __spec__, __annotations__)

if __name__ == "__main__":
    main()
""",
    "the names of the module": "print(sorted(dir()))\nx: int = 1\nprint(__annotations__)\n",
    "a docstring": '"""What it is."""\nprint(__doc__)\n',
    "arguments and file": """
import os, sys
print([os.path.basename(each) for each in sys.argv], os.path.basename(__file__))
""",
    "an empty stdin": """
import sys
print(repr(sys.stdin.read()), list(sys.stdin))
input("number? ")
""",
    "exit functions": """
import atexit, weakref

def bye(name):
    print("bye", name)

atexit.register(bye, "first")
atexit.register(bye, "second")
atexit.register(lambda: 1 / 0)

class Thing:
    pass

thing = Thing()
weakref.finalize(thing, print, "finalized")
print("end")
""",
    "threads that outlive the program": """
import threading, time

def work():
    time.sleep(0.1)
    print("the thread is done")

threading.Thread(target=work).start()
print("the program is done")
""",
    "a pool of threads left open": """
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)
print(list(pool.map(lambda n: n * n, range(4))))
pool.submit(print, "late")
""",
    "annotations of the future": """
from __future__ import annotations

def f(x: Unknown) -> AlsoUnknown:
    return x

print(f.__annotations__)
f.__annotations__
""",
    "the source of a function": """
import inspect

def double(x):  # a comment
    return 2 * x

class Thing:
    size = 1

print(inspect.getsource(double), inspect.getsource(Thing), inspect.getsourcelines(double)[1])
""",
    "dataclasses, enums and pickles": """
import enum, pickle
from dataclasses import dataclass, field, replace

@dataclass(frozen=True, order=True, slots=True)
class Point:
    x: int
    y: "int" = field(default=2)

class Colour(enum.Enum):
    RED = 1

point = pickle.loads(pickle.dumps(Point(1)))
print(point, replace(point, y=3) > point, pickle.loads(pickle.dumps(Colour.RED)))
point.x = 3
""",
    "a doctest that fails": '''
import doctest

def double(x):
    """
    >>> double(2)
    4
    >>> double("a")
    'a'
    """
    return 2 * x

print(doctest.testmod())
''',
    "unittest": """
import unittest

class Sums(unittest.TestCase):
    def test_right(self):
        self.assertEqual(1 + 1, 2)

    def test_wrong(self):
        self.assertEqual(1 + 1, 3)

unittest.main(exit=False, verbosity=2)
""",
    "logging": """
import logging

log = logging.getLogger("mine")
log.warning("before any set-up")
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s:%(lineno)d %(message)s")
log.info("after")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("it failed")
""",
    "match": """
from dataclasses import dataclass

@dataclass
class Point:
    x: int
    y: int

for thing in (Point(0, 2), [1, 2, 3], {"a": 1}, "text", None):
    match thing:
        case Point(x=0, y=y):
            print("point", y)
        case [first, *rest]:
            print("list", first, rest)
        case {"a": value}:
            print("dict", value)
        case str() as text:
            print(text)
        case _:
            print("other")
""",
    "argparse": """
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.5)
print(parser.parse_args())
parser.parse_args(["--rate", "fast"])
""",
    "a traceback that the program prints": """
import traceback

def fail():
    raise KeyError("x")

try:
    fail()
except KeyError as error:
    traceback.print_exc()
    print(traceback.format_exception_only(error), error.__traceback__.tb_next.tb_lineno)
""",
    "printing without an end, to both": """
import sys
print("a", end="")
print("b", end="", file=sys.stderr)
sys.stdout.write("c")
print("ümläut ∂ 中文 🔥")
print("end", end="")
""",
    "deep recursion that is caught": """
import sys

def down(n):
    return down(n + 1)

print(sys.getrecursionlimit())
try:
    down(0)
except RecursionError as error:
    print(type(error).__name__, error)
""",
    "a generator, a coroutine never awaited": """
async def never():
    pass

never()
print("on")
""",
    "names in any alphabet": """
größe, 学習率, λ = 1, 0.1, 2
print(größe + 学習率 + λ, [name for name in dir() if not name.startswith("_")])
""",
    "form feeds and other line ends in strings": 'x = "a\\x0cb\u2028c"\nprint(repr(x))\n1 / 0\n',
    "a type that torch raises": """
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
(w * 2).backward()
""",
    "a warning that torch raises": """
import torch

w = torch.tensor([1.0], requires_grad=True)
a = w * 2
a.sum().backward()
print(a.grad)
""",
    "an in-place change that torch forbids": """
import torch

w = torch.tensor([1.0], requires_grad=True)
y = w.exp()
y += 1
y.backward()
""",
    "an error inside a module": """
import torch.nn as nn
import torch

net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 1))
net(torch.ones(1, 2))
""",
}
