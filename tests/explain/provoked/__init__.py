"""Programs that provoke what we explain, by id, and those that must not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provoked:
    """A program and the line that is to blame, the one that ends with `# here`, if any.

    `cured`: there must be an edit, and with it the program runs and nothing is said. `trains` are
    names of tensors that the last step of an optimizer must then change.
    """

    code: str
    cured: bool = True
    trains: tuple[str, ...] = ()

    @property
    def line(self) -> int | None:
        """The line to blame, counted from 1."""
        lines = self.code.split("\n")
        return next((nr + 1 for nr, each in enumerate(lines) if each.endswith("# here")), None)


def cured(code: str, edits: list[dict[str, object]]) -> str:
    """The program after its edits, applied as the page does it: from below."""
    lines = code.split("\n")
    for edit in sorted(edits, key=lambda each: -int(str(each["line"]))):
        first, last = int(str(edit["line"])), int(str(edit["end_line"]))
        lines[first - 1 : last] = str(edit["text"]).split("\n")
    return "\n".join(lines)
