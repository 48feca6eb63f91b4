"""`python -m tests.web.stumbling STEP`: gradfn with a mistake of ours in one step of each run."""

import sys
from pathlib import Path

import gradfn.web.live.encoder
from gradfn.events.event_reader import EventReader
from tests.web.failing import fail

READER = Path(__file__).with_name("stumbling_reader.py")
IN_SERVER = {
    "stream": (gradfn.web.live.encoder, "streamed"),
    "end": (gradfn.web.live.encoder, "count_and_log"),
    "read": (EventReader, "feed"),
}


def serve(step: str) -> None:
    """The server, in which either it stumbles itself or its readers do."""
    from gradfn.__main__ import main
    from gradfn.run.forkserver import ForkServer

    command = ForkServer._command

    def own_command(server: ForkServer, control: int) -> list[str]:
        words = command(server, control)
        if server._module != "gradfn.reader":
            return words
        at = words.index("-m")
        return [*words[:at], str(READER), *words[at + 2 :], step]

    if step in IN_SERVER:
        setattr(*IN_SERVER[step], fail)
    else:
        ForkServer._command = own_command  # type: ignore[assignment,method-assign]
    main()


if __name__ == "__main__":
    serve(sys.argv.pop())
