"""A directive for Sphinx and MyST: `.. gradfn::` shows a program and the graph that it builds.

`extensions = ["gradfn.sphinx"]`. The program runs when the documentation is built, with the Python
that builds it and without a jail, as what an author writes. The picture is static and needs no
server; where `gradfn_server` names one, a link opens the program there.
"""

import base64
import json
import subprocess
import sys
import zlib
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from gradfn import __version__

SECONDS = 300  # of one program
LONGEST_LINK = 8_000  # characters, which every browser and server takes


class GraphDirective(SphinxDirective):
    """Its argument is a file beside the document, or its content is the program.

    `:format: html` is the picture with cards and backward passes, `svg` the picture alone.
    `:roots:` are names, `:no-code:` leaves the program out, `:alt:` is what the picture shows.
    """

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "format": lambda given: directives.choice(given, ("svg", "html")),
        "roots": directives.unchanged_required,
        "no-code": directives.flag,
        "alt": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        if bool(self.arguments) == bool(self.content):
            raise self.error("gradfn takes a file or a program, and one of them")
        code = self._read() if self.arguments else "\n".join(self.content)
        format = self.options.get("format", "svg")
        picture = self._picture(code, format)
        found: list[nodes.Node] = []
        if "no-code" not in self.options:
            found.append(nodes.literal_block(code, code, language="python"))
        alt = escape(self.options.get("alt", "Computation graph of the program"), quote=True)
        if format == "html":
            html = (
                f'<iframe class="gradfn-graph" title="{alt}" loading="lazy" '
                f'style="width:100%;height:480px;border:0" srcdoc="{escape(picture)}"></iframe>'
            )
        else:
            svg = picture[picture.index("<svg") :]
            html = (
                f'<div class="gradfn-graph" role="img" aria-label="{alt}" '
                f'style="overflow-x:auto">{svg}</div>'
            )
        found.append(nodes.raw("", html, format="html"))
        server = self.config.gradfn_server
        if server and len(link := live_link(server, code)) <= LONGEST_LINK:
            target = nodes.reference("", "Run it in gradfn", refuri=link)
            found.append(nodes.paragraph("", "", target))
        return found

    def _read(self) -> str:
        name, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(name)
        try:
            return Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self.error(f"gradfn cannot read {name}: {error}") from None

    def _picture(self, code: str, format: str) -> str:
        command = [sys.executable, "-m", "gradfn", "graph", "-", "--format", format]
        if roots := self.options.get("roots", "").split():
            command += ["--roots", *roots]
        try:
            done = subprocess.run(
                command, input=code, capture_output=True, text=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            raise self.error(f"the program ran for more than {SECONDS} seconds") from None
        if done.returncode not in (0, 1) or not done.stdout:
            raise self.error(f"the program has no picture: {done.stderr.strip()[-2_000:]}")
        return done.stdout  # one that raised is drawn with its error


def live_link(server: str, code: str) -> str:
    """The address at which a server's page opens with this program."""
    packed = zlib.compressobj(9, wbits=-15)
    raw = packed.compress(json.dumps({"code": code}).encode()) + packed.flush()
    return f"{server.rstrip('/')}/#v1.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    app.add_config_value("gradfn_server", "", "html", str)
    app.add_directive("gradfn", GraphDirective)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
