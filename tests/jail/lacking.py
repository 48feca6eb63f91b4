"""`python -m tests.jail.lacking seccomp landlock disk`: gradfn on a machine that has not got them.

A small seccomp filter of this test's own answers ENOSYS to the calls, in the server and in all
that it starts, as a kernel built without them or a container runtime does. Without disk no file
can grow, until the test raises the limit again.
"""

import ctypes
import errno
import os
import platform
import resource
import sys

from gradfn.jail.landlock import ADD_RULE, CREATE_RULESET, RESTRICT_SELF
from gradfn.jail.seccomp import (
    JUMP_EQUAL,
    LOAD,
    NUMBER,
    RET_ALLOW,
    RET_ERRNO,
    RETURN,
    SECCOMP,
    Filter,
    Instruction,
)

PR_SET_NO_NEW_PRIVS = 38
CALLS = {
    "seccomp": [SECCOMP[platform.machine()]],
    "landlock": [CREATE_RULESET, ADD_RULE, RESTRICT_SELF],
}


def lose(parts: list[str]) -> None:
    """Take them from this process and all that it starts."""
    if "disk" in parts:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    program: list[Instruction] = [(LOAD, 0, 0, NUMBER)]
    for call in (call for part in parts for call in CALLS.get(part, [])):
        program += [(JUMP_EQUAL, 0, 1, call), (RETURN, 0, 0, RET_ERRNO | errno.ENOSYS)]
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    Filter((*program, (RETURN, 0, 0, RET_ALLOW))).load()


if __name__ == "__main__":
    lose(sys.argv[1:])
    os.execv(sys.executable, [sys.executable, "-m", "gradfn"])
