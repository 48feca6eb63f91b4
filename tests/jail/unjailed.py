"""`python -m tests.jail.unjailed`: the server, its programs with little of the jail.

The product has no such switch. It serves the test that hostile programs do their harm here, so
that their failing in the jail proves the jail. Left out are Landlock, seccomp, the ban on being
dumped and the limits on files, message queues and locked memory. For this machine's sake the
limits on time, memory and processes, the change of user and the closed descriptors stay on: run
nobody else's program with it.
"""

import sys


def serve() -> None:
    """The server, but its fork server is this module."""
    from gradfn.__main__ import main
    from gradfn.run.forkserver import ForkServer

    command = ForkServer._command

    def own_command(server: ForkServer, control: int) -> list[str]:
        words = command(server, control)
        if server._module != "gradfn.child":
            return words
        at = words.index("-m")
        return [*words[:at], __file__, *words[at + 2 :]]  # for `tests` is not on the child's path

    ForkServer._command = own_command  # type: ignore[assignment,method-assign]
    main()


def fork() -> None:
    """The fork server, but some of what a child puts on is left out, and nothing is tried."""
    import resource

    from gradfn.child.__main__ import main
    from gradfn.jail import jail
    from gradfn.jail.landlock import Ruleset
    from gradfn.jail.seccomp import Filter

    prctl, setrlimit = jail._prctl, resource.setrlimit
    left_out = (resource.RLIMIT_FSIZE, resource.RLIMIT_MSGQUEUE, resource.RLIMIT_MEMLOCK)
    jail._prctl = lambda option, value: (
        None if option == jail.PR_SET_DUMPABLE else prctl(option, value)
    )
    resource.setrlimit = lambda limit, most: None if limit in left_out else setrlimit(limit, most)
    Ruleset.restrict_self = lambda ruleset: None  # type: ignore[assignment,method-assign]
    Filter.load = lambda filter: None  # type: ignore[assignment,method-assign]
    jail.Jail._try = lambda jail: None  # type: ignore[assignment,method-assign]
    main()


if __name__ == "__main__":
    fork() if len(sys.argv) > 1 else serve()
