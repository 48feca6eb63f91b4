"""The tables of a report: tensors, places and stacks, listed once and referred to by number."""

from typing import Any

from gradfn.events.recorded import RecordedChange, RecordedFrame, RecordedPlace
from gradfn.events.source import lines_of
from gradfn.events.values import TensorValue
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.read.text import clean
from gradfn.recorder.report.tensor_table import TensorTable
from gradfn.recorder.watch.snapshots import TensorSnapshot

MAX_PLACE_LINES = 6  # of code, for a place that spans more
MAX_STACK_FRAMES = 1_000
Frames = tuple[tuple[str, int], ...]  # function and line, the outermost first


class Tables:
    """What the parts of a report refer to; `stacks` are the noted ones, by their frames."""

    def __init__(
        self, tensors: TensorTable, sites: list[Site], stacks: dict[Frames, int], source: str
    ) -> None:
        self.tensors, self.sites = tensors, sites
        self.places: list[RecordedPlace] = []
        self.stacks: list[list[RecordedFrame]] = []
        self._lines = lines_of(source)
        self._place_of: dict[tuple[int, ...], int] = {}
        self._stack_of: dict[Any, int] = {}
        self._noted = {number: frames for frames, number in stacks.items()}

    def place(self, site: Site) -> int:
        """The number of a site's place in the table."""
        if site.span not in self._place_of:
            line, column, end_line, end_column = site.span
            last = min(end_line, line + MAX_PLACE_LINES - 1)
            text = "\n".join(self._lines[line - 1 : last])
            start = self._characters(line, column)
            end = self._characters(end_line, end_column)
            tail = len(self._lines[last - 1]) - end if last == end_line else 0
            code = text[start : len(text) - tail or None]
            self._place_of[site.span] = len(self.places)
            self.places.append(RecordedPlace(line, start, end_line, end, clean(code, 200)))
        return self._place_of[site.span]

    def stack(self, number: int, line: int) -> int:
        """The number of a stack in the table; where no function is around, it is the line."""
        key = number if number >= 0 else ("line", line)
        if key not in self._stack_of:
            frames = self._noted[number] if number >= 0 else (("<module>", line),)
            self._stack_of[key] = len(self.stacks)
            self.stacks.append(
                [RecordedFrame(clean(name, 200), at) for name, at in frames[-MAX_STACK_FRAMES:]]
            )
        return self._stack_of[key]

    def frames(self, number: int) -> Frames:
        """The frames of a noted stack, outermost first; none where no function is around."""
        return self._noted.get(number, ())

    def name_of(self, tensor: int | None, site: Site) -> str:
        """What the program calls a tensor: a name it has, or what stood before the dot."""
        names = self.tensors.tensors[tensor].names if tensor is not None else []
        return names[0] if names else clean(site.base, 200)

    def change(
        self, seen: TensorSnapshot, before: TensorValue | None, after: TensorValue | None
    ) -> RecordedChange:
        """A tensor, its value or grad before a change and after it."""
        tensor = self.tensors.alive(seen)
        name = self.name_of(tensor, self.sites[seen.site])
        return RecordedChange(name, tensor, before, after)

    def _characters(self, line: int, column: int) -> int:
        """A column of `ast`, in UTF-8 bytes, as one in characters."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return len(text.encode()[:column].decode("utf-8", "replace"))
