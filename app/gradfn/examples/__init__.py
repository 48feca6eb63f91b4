"""Programs for the menu, one file each. To us they are text; they run only in a child.

A file opens with its metadata, TOML in a comment in the form of PEP 723:
`# /// gradfn`, then `# title = "…"`, `# part = "…"`, `# summary = "…"`, then `# ///`.
What follows there (speed, controls, views) is the program's own: readers have it at its end.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^# /// gradfn$\n(?P<toml>(?:^#(?:| .*)$\n)+?)^# ///$\n+", re.MULTILINE)

GROUPS = {
    "": "Part by part",
    "more": "Training as it runs",
    "models": "Models",
    "classics": "What teachers show",
}
OF_THE_MENU = ("title", "part", "summary")  # the first lines of the block


@dataclass(frozen=True, slots=True)
class Example:
    """A program of the menu. `part` is the part of the article that it
    comes from, or the kind of its group."""

    slug: str
    title: str
    part: str
    summary: str
    code: str

    @property
    def group(self) -> str:
        """The heading of the menu that it stands under."""
        return GROUPS.get(self.part, GROUPS[""])


def _read(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    block = _BLOCK.match(text)
    if block is None:
        raise ValueError(f"{path.name} does not open with a `# /// gradfn` block")
    lines = block["toml"].splitlines()
    own = lines[len(OF_THE_MENU) :]
    metadata = tomllib.loads("\n".join(line.removeprefix("#").strip() for line in lines))
    slug = path.stem.partition("_")[2].replace("_", "-")
    code = text[block.end() :]
    if own:
        code += "\n" + "\n".join(["# /// gradfn", *own, "# ///"]) + "\n"
    return Example(slug=slug, code=code, **{key: metadata[key] for key in OF_THE_MENU})


EXAMPLES = tuple(_read(path) for path in sorted(Path(__file__).parent.glob("[0-9]*.py")))
EXAMPLE_OF = {example.slug: example for example in EXAMPLES}
