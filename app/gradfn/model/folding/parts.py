"""What a fold opens into. Each part has a path of names, and an id made of it.

The path does not change when the program runs again, nor by an edit somewhere else; the id is safe
wherever a picture or an address needs one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from gradfn.model.folding.tree import Fold, FoldKind

MAX_TURNS = 24  # that a repeat opens into; more are ranges of 10, 100, 1,000 …
EACH = "each"  # the part of a repeat's path that stands for all its turns one by one


def id_of(path: str) -> str:
    """A short name for a path: 64 bits of a hash."""
    return "x" + blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """A fold, some turns of a repeat, or one operation, as it stands in a view.

    It has the operations from `start` to `end`, moved by `shift`, and the same again for each turn
    of the repeats around that are shown as one: `strides` are where they start, the length of a
    turn, and how many there are.
    """

    kind: FoldKind
    name: str
    path: str
    start: int
    end: int
    depth: int
    fold: Fold | None = None
    shift: int = 0
    strides: tuple[tuple[int, int, int], ...] = ()
    turns: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        """Of the part, in requests and pictures."""
        return id_of(self.path)

    @property
    def each(self) -> str | None:
        """The id that opens a repeat into its turns, one by one."""
        return id_of(f"{self.path}/{EACH}") if self.is_repeat else None

    @property
    def is_repeat(self) -> bool:
        """Whether its turns are shown as one."""
        return self.kind == "repeat" and self.turns is None

    @property
    def unit(self) -> int:
        """The length of a turn."""
        return self.fold.unit if self.fold is not None else 0

    @property
    def times(self) -> int:
        """How many turns it has, those of the repeats around not counted."""
        if self.fold is None or self.fold.kind != "repeat":
            return 1
        return self.fold.times if self.turns is None else self.turns[1] - self.turns[0]

    def positions(self) -> Iterator[range]:
        """The operations in it."""
        bases = [self.shift]
        longest = range(self.start, self.end)
        strides = sorted(self.strides, key=lambda each: each[2])
        step = times = 0
        if strides and strides[-1][2] > self.end - self.start:
            _, step, times = strides.pop()
        for _, length, count in strides:
            bases = [base + nr * length for base in bases for nr in range(count)]
        for base in bases:
            if times:
                for at in longest:
                    yield range(at + base, at + base + step * times, step)
            else:
                yield range(self.start + base, self.end + base)

    def turn_of(self, position: int) -> int:
        """In which turn of a repeat an operation is, not counted those of repeats around it."""
        position -= self.shift
        for start, length, _ in self.strides:
            position = start + (position - start) % length
        return (position - self.start) // self.unit

    def count(self) -> int:
        """How many operations are in it."""
        count = self.end - self.start
        for _, _, times in self.strides:
            count *= times
        return count


def root_part(root: Fold) -> Part:
    """The whole program."""
    return Part("program", "", "", root.start, root.end, root.depth, root)


def parts_of(part: Part, name_of: Callable[[int], str], *, each: bool = False) -> list[Part]:
    """What a part consists of; `each` for a repeat: its turns, one by one.

    `name_of` an operation is that of its function.
    """
    fold = part.fold
    assert fold is not None
    if fold.kind == "repeat" and (part.turns is not None or each):
        first, end = part.turns or (0, fold.times)
        if end - first > 1 or part.turns is None:
            return list(_turns(part, fold, first, end))
        part = replace(part, shift=part.shift + first * fold.unit)
        return list(_children(part, fold, name_of, first))
    if fold.kind == "repeat":
        strides = (*part.strides, (fold.start, fold.unit, fold.times))
        part = replace(part, strides=strides, path=f"{part.path}/*")
    return list(_children(part, fold, name_of))


def _children(
    part: Part, fold: Fold, name_of: Callable[[int], str], turn: int | None = None
) -> Iterator[Part]:
    seen: dict[str, int] = {}
    for child in fold.children:
        name = name_of(child) if isinstance(child, int) else child.name or child.kind
        seen[name] = seen.get(name, 0) + 1
        segment = name.replace("~", "~0").replace("/", "~1")  # as in a JSON pointer
        path = f"{part.path}/{segment}" + (f"~{seen[name]}" if seen[name] > 1 else "")
        where = part.shift, part.strides
        if isinstance(child, int):
            depth = fold.depth + 2
            yield Part("operation", name, path, child, child + 1, depth, None, *where)
        else:
            at = child.start, child.end
            named = turn is not None and child.kind != "repeat" and child.names
            name = child.names[turn] if named and turn is not None else child.name
            yield Part(child.kind, name, path, *at, child.depth, child, *where)


def _turns(part: Part, fold: Fold, first: int, end: int) -> Iterator[Part]:
    step = 1
    while (end - first) / step > MAX_TURNS:
        step *= 10
    path = f"{part.path}/{EACH}" if part.turns is None else part.path.rpartition("/")[0]
    for turn in range(first, end, step):
        last = min(turn + step, end)
        named = len(fold.names) == fold.times
        name = fold.names[turn] if named else f"{turn + 1}"
        if last - turn > 1:
            name = f"{turn + 1}…{last}"
        yield replace(
            part,
            name=name,
            path=f"{path}/{turn}" + (f"-{last - 1}" if last - turn > 1 else ""),
            start=fold.start + turn * fold.unit,
            end=fold.start + last * fold.unit,
            depth=fold.depth + 1,
            turns=(turn, last),
        )
