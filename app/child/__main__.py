"""The fork server: `python -m app.child CONTROL_FD MEMORY_BYTES CPU_SECONDS OPEN_FILES`."""

import os
import socket
import sys

from app.child.jail import Jail
from app.child.live import live
from app.child.serve import serve
from app.child.warm import warm_server


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    memory_bytes, cpu_seconds, open_files = map(int, sys.argv[2:5])
    warm_server()
    jail = Jail(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds, open_files=open_files)
    serve(control, lambda: live(jail))
    os._exit(0)  # no finalizers: there is nothing to tidy


if __name__ == "__main__":
    main()
