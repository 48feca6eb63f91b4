"""The fork server.

`python -m gradfn.child CONTROL_FD MEMORY_BYTES CPU_SECONDS OPEN_FILES JAILED`
"""

import contextlib
import gc
import os
import shutil
import socket
import sys


def main() -> None:
    gc.disable()  # a fifth of the time that the imports take; warm_server enables it again
    from gradfn.child.run_once import rehearse, run_once
    from gradfn.child.warm import warm_server
    from gradfn.jail.fork_server import serve
    from gradfn.jail.jail import Jail, has_seccomp
    from gradfn.jail.landlock import landlock_abi

    control = socket.socket(fileno=int(sys.argv[1]))
    memory_bytes, cpu_seconds, open_files, jailed = map(int, sys.argv[2:6])
    warm_server(rehearse, sealed=landlock_abi() == 0 and has_seccomp())
    jail = Jail.prepare(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds, open_files=open_files)
    if jailed and jail.filter is None:
        sys.exit("gradfn: this kernel takes no seccomp filter, so no program is run")
    with contextlib.suppress(ConnectionError):
        serve(control, lambda parent: run_once(jail, parent))
    # The server is gone, perhaps without a chance to tidy up after us.
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
