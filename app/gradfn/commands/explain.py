"""Run a script and say what is wrong in it: its error, and what goes wrong in silence."""

import argparse
import os
import sys
from typing import BinaryIO

from gradfn.commands.findings import findings_of
from gradfn.commands.reports import REPORTS
from gradfn.commands.script import BadInput, add_common_arguments, read_script, reserve_stdout

HELP = "the error and the silent mistakes of a script, as a compiler would list them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_common_arguments(parser)
    parser.add_argument("--format", choices=sorted(REPORTS), default="text", help="default: text")
    parser.add_argument(
        "--color", choices=["auto", "always", "never"], default="auto",
        help="of text; auto is on a terminal, unless NO_COLOR is set",
    )  # fmt: skip


def main(given: argparse.Namespace) -> int:
    """Carry it out: 0 where nothing is wrong, 1 where something is, 2 where it cannot be said."""
    try:
        script = read_script(given.file)
        colour = given.color == "always" or (given.color == "auto" and _wants_colour())
        out: BinaryIO = reserve_stdout()
        findings = findings_of(given.runner(script, given.args, None), script)
        text = REPORTS[given.format](findings, script, colour)
        out.write(text.encode(errors="replace"))
        out.flush()
    except (BadInput, OSError) as error:
        print(f"gradfn: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("gradfn: interrupted", file=sys.stderr)
        return 130
    return 1 if any(each.severity != "info" for each in findings) else 0


def _wants_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
