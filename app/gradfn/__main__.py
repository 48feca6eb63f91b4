"""`gradfn`, or `python -m gradfn`: the server, and commands that need none."""

import argparse
import sys
from functools import partial

from gradfn import __version__
from gradfn.commands import explain, graph
from gradfn.commands.progress import Progress
from gradfn.commands.script import Runner, run_script

ON_SCRIPTS = {"graph": graph, "explain": explain}


def main() -> None:
    parser = argparse.ArgumentParser(prog="gradfn", description="See what autograd sees.")
    parser.add_argument("--version", action="version", version=f"gradfn {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="the server, which is the default")
    for name, module in ON_SCRIPTS.items():
        described = (module.__doc__ or "").strip().partition("\n")[0]
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=described,
            epilog="What follows -- are the script's own arguments.",
        )
        module.add_arguments(command)
    commands.add_parser("mcp", help="answer a coding agent by the Model Context Protocol on stdio")
    commands.add_parser(
        "settings", help="every environment variable the server reads, and what each is now"
    )
    commands.add_parser("openapi", help="the document of the API, as /openapi.json has it")
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    given = parser.parse_args(words[:end])
    given.args = words[end + 1 :]
    if given.command in ON_SCRIPTS:
        given.runner = _runner(given)
        sys.exit(ON_SCRIPTS[given.command].main(given))
    from gradfn.server import run_command  # the web side, which the others do not need

    run_command(given.command or "serve")


def _runner(given: argparse.Namespace) -> Runner:
    """What runs a script: this process, or a child in the jail of a server's."""
    if not given.jailed:
        told = sys.stderr.isatty() if given.progress is None else given.progress
        return partial(run_script, progress=Progress(given.file) if told else None)
    from gradfn.jailed import run_jailed  # the web side too

    return run_jailed


if __name__ == "__main__":
    main()
