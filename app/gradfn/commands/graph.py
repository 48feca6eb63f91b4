"""Run a script and write the computation graph that it built."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec

from gradfn.commands.findings import findings_of
from gradfn.commands.pdf import pdf_of
from gradfn.commands.reports import as_text
from gradfn.commands.script import (
    BadInput,
    Script,
    add_common_arguments,
    read_script,
    reserve_stdout,
)
from gradfn.events.reading import MAX_ELEMENTS, MOST_BOXES, Choice
from gradfn.model.document import RunDocument
from gradfn.model.folding.named import ids_of
from gradfn.model.folding.select import NotInGraph
from gradfn.model.folding.view import TooManyBoxes
from gradfn.render.choice import Foldable, choose
from gradfn.render.drawing import Drawing
from gradfn.render.folded import drawing_of
from gradfn.render.formats import FORMATS, Format, export_drawing
from gradfn.render.html.opened import pictures_of
from gradfn.render.html.page import notes_of, page
from gradfn.render.layout import RenderError

KNOWN = {*FORMATS, "html", "json", "pdf"}
HELP = "the graph of a script, as svg, png, pdf, dot, html or json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_common_arguments(parser)
    parser.add_argument(
        "-o", "--output", metavar="PATH",
        help="where to write; its ending is the format; by default to standard output",
    )  # fmt: skip
    parser.add_argument("--format", choices=sorted(KNOWN), help="the format; by default svg")
    parser.add_argument(
        "--fold", action=argparse.BooleanOptionalAction,
        help="fold by modules and by what repeats; by default where a picture is large",
    )  # fmt: skip
    parser.add_argument(
        "--open", metavar="FOLD", nargs="+",
        help="open the folds of these names, as the picture shows them; * is all",
    )  # fmt: skip
    parser.add_argument("--depth", type=int, help="open all folds down to this depth")
    parser.add_argument(
        "--around", metavar="NAME", help="only what is near this tensor or function"
    )
    parser.add_argument("--hops", type=int, default=2, help="how near: edges; by default 2")
    parser.add_argument("--paths", metavar="NAME", nargs=2, help="only what lies between these two")
    parser.add_argument(
        "--roots", metavar="NAME", nargs="+",
        help="only the graph of these tensors; by default of every tensor alive at the end",
    )  # fmt: skip


def main(given: argparse.Namespace) -> int:
    """Carry it out: 0, 1 where the script raised, 2 where there is nothing to write."""
    out: BinaryIO | None = None
    try:
        format = _format(given.format, given.output)
        script = read_script(given.file)
        path = None if given.output is None else _writable(given.output)
        out = reserve_stdout()
        document = given.runner(script, given.args, given.roots)
        written = _encoded(document, script.text, given, format)
        if path is None:
            out.write(written)
            out.flush()
        else:
            path.write_bytes(written)
    except (BadInput, RenderError, NotInGraph, TooManyBoxes, OSError) as error:
        print(f"gradfn: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("gradfn: interrupted", file=sys.stderr)
        return 130
    return _said_why(script, document)


def _format(format: str | None, output: str | None) -> str:
    """The format that was asked for, by name or by the ending of the file."""
    if format is not None:
        return format
    if output is None:
        return "svg"
    ending = Path(output).suffix.removeprefix(".")
    if ending not in KNOWN:
        known = ", ".join(sorted(KNOWN))
        raise BadInput(f"{output} has none of the endings {known}; --format says another")
    return ending


def _writable(output: str) -> Path:
    """The file, found before the script changes the folder."""
    path = Path(output).absolute()
    if not path.parent.is_dir():
        raise BadInput(f"cannot write {output}: there is no folder {path.parent}")
    if path.is_dir():
        raise BadInput(f"cannot write {output}: it is a folder")
    return path


def _said_why(script: Script, document: RunDocument) -> int:
    """Whether the script raised, or a root was not found; each is said on standard error."""
    found = [
        each
        for each in findings_of(document, script)
        if each.severity == "error" or each.id == "root-unknown"
    ]
    if found:
        print(as_text(found, script, sys.stderr.isatty()), end="", file=sys.stderr)
    return 1 if found else 0


def _chosen(given: argparse.Namespace, graph: Foldable, limited: bool) -> Choice:
    """What is drawn. Without a format that is laid out, nothing is folded unless asked for."""
    asked = given.open or given.depth is not None
    fold = given.fold if given.fold is not None or limited or asked else False
    most = MOST_BOXES if limited and fold is not False else MAX_ELEMENTS if limited else sys.maxsize
    choice = Choice(
        fold=fold,
        depth=given.depth,
        around=given.around,
        hops=given.hops,
        paths=given.paths and tuple(given.paths),
        boxes=most,
    )
    if not given.open:
        return choice
    of = graph.part(choice) if choice.is_part else graph
    return replace(choice, open=ids_of(of.folding, given.open))


def _drawn(document: RunDocument, code: str, given: argparse.Namespace, format: Format) -> bytes:
    """The graph as a picture, folded where it is large and nothing else was asked for."""
    graph = Foldable(document.graph, code, document.error, document.cuts)
    choice = _chosen(given, graph, format.limited)
    return export_drawing(drawing_of(choose(graph, choice)), format)


def as_svg(drawing: Drawing) -> bytes:
    """A drawing as SVG."""
    return export_drawing(drawing, FORMATS["svg"])


def _encoded(document: RunDocument, code: str, given: argparse.Namespace, format: str) -> bytes:
    if format == "json":
        return msgspec.json.encode(document) + b"\n"
    if format not in ("html", "pdf"):
        return _drawn(document, code, given, FORMATS[format])
    if format == "pdf":
        return pdf_of(_drawn(document, code, given, FORMATS["svg"]))
    graph = Foldable(document.graph, code, document.error, document.cuts)
    pictures = pictures_of(graph, _chosen(given, graph, limited=True), as_svg)
    return page("gradfn", None, notes_of(document), document, pictures).encode()
