"""Graphs to fold, as documents: at random, and forged ones."""

from hypothesis import strategies as st

from gradfn.model.document import Function, Graph, NextFunction, Tensor
from gradfn.model.recording import StackFrame

NAMES = ("MulBackward0", "AddBackward0", "SinBackward0")
MODULES = ("", "net", "net.a", "net.a.0", "net.a.1", "net.b", "net.b.a", "a/each", "a~1", "*")
STACKS: tuple[tuple[StackFrame, ...], ...] = (
    (),
    (StackFrame("<module>", 9),),
    (StackFrame("<module>", 9), StackFrame("forward", 3)),
    (StackFrame("<module>", 9), StackFrame("forward", 3), StackFrame("block", 5)),
    (StackFrame("<module>", 10), StackFrame("block", 5), StackFrame("<lambda>", 6)),
)


@st.composite
def graphs(draw: st.DrawFn, most: int = 60) -> Graph:
    """Any graph PyTorch could have, from any modules and stacks; its numbers may be unsound."""
    count = draw(st.integers(0, most))
    leaves = draw(st.integers(0, 4))
    sound = draw(st.booleans())
    functions = []
    for at in range(count):
        # Later in the list is nearer to the leaves, as a walk has it.
        after = st.integers(at + 1, count + leaves)
        targets = draw(st.lists(st.one_of(st.none(), after), max_size=3))
        functions.append(
            Function(
                id=f"f{at + 1}",
                name=draw(st.sampled_from(NAMES)),
                next_functions=tuple(
                    None if to is None or to >= count + leaves else NextFunction(f"f{to + 1}", 0)
                    for to in targets
                ),
                module=draw(st.sampled_from(MODULES)),
                stack=draw(st.sampled_from(STACKS)),
                sequence_nr=count - at if sound else draw(st.integers(0, count)),
            )
        )
    functions += [
        Function(f"f{count + at + 1}", "AccumulateGrad", (), variable=f"t{at + 1}")
        for at in range(leaves)
    ]
    return Graph(functions=tuple(functions))


def chain(
    names: list[str], *, modules: list[str] | None = None, stack: tuple[StackFrame, ...] = ()
) -> Graph:
    """A graph in which each function takes what the one before it gave; the first is made first."""
    count = len(names)
    made = [
        Function(
            id=f"f{count - at}",
            name=name,
            next_functions=(NextFunction(f"f{count - at + 1}", 0),) if at else (None,),
            module=modules[at] if modules else "",
            stack=stack,
            sequence_nr=at,
        )
        for at, name in enumerate(names)
    ]
    return Graph(functions=tuple(reversed(made)))


def irregular(count: int) -> Graph:
    """Functions that repeat nothing: each takes from another distance, in its own way."""
    functions = []
    for at in range(count):
        far = at + 1 + (at * at) % 37
        targets = [each for each in (at + 1, far) if each < count]
        functions.append(
            Function(
                f"f{at + 1}",
                NAMES[(at * 7 + at // 5) % 3],
                tuple(NextFunction(f"f{each + 1}", 0) for each in targets),
                sequence_nr=count - at,
            )
        )
    return Graph(functions=tuple(functions))


def leaf(id: str, name: str) -> Tensor:
    """A leaf tensor without a value."""
    return Tensor(id, (name,), "leaf", True, True, False, None, 0, None, None, 0)
