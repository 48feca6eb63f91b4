"""What a cell shows: text, a picture, and HTML with both. It holds no tensor."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gradfn.events.reading import Choice
from gradfn.model.document import RunDocument
from gradfn.render.choice import Foldable, choose
from gradfn.render.folded import drawing_of
from gradfn.render.formats import FORMATS, export_drawing
from gradfn.render.html.page import Note, fragment, frame, page
from gradfn.render.layout import RenderError


@dataclass(frozen=True)
class Output:
    """A graph as it was when it was read, `document`, and what is to be said of it, `notes`.
    `code` is the program, where it was recorded: its loops fold.

    Notebooks show it by its `_repr_mimebundle_`. `svg` is the picture alone, None where there is
    none.
    """

    document: RunDocument
    notes: Sequence[Note] = ()
    code: str = ""

    @cached_property
    def _drawn(self) -> tuple[bytes | None, list[Note]]:
        graph = self.document.graph
        if not graph.functions and not graph.tensors:
            return None, []
        document = self.document
        foldable = Foldable(graph, self.code, document.error, document.cuts)
        try:
            drawing = drawing_of(choose(foldable, Choice()))
            picture = export_drawing(
                drawing, FORMATS["svg"], legend=False, background="transparent"
            )
        except RenderError as error:
            return None, [Note("warning", "There is no picture", str(error))]
        return picture, []

    @property
    def svg(self) -> str | None:
        """The picture as a file of SVG."""
        picture = self._drawn[0]
        return None if picture is None else picture.decode()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        picture, more = self._drawn
        notes = [*self.notes, *more]
        bundle = {"text/plain": repr(self), "text/html": fragment(picture, notes, self.document)}
        if self.svg is not None:
            bundle["image/svg+xml"] = self.svg
        return bundle

    def _mime_(self) -> tuple[str, str]:  # as marimo asks, which runs no script of an output
        picture, more = self._drawn
        whole = page("gradfn", picture, [*self.notes, *more], self.document)
        return "text/html", frame(whole)

    def __repr__(self) -> str:
        graph = self.document.graph
        rows = [f"<graph of {len(graph.functions):,} functions, {len(graph.tensors):,} tensors>"]
        rows += [f"{each.severity}: {each.title}\n{each.text}".rstrip() for each in self.notes]
        return "\n".join(rows)
