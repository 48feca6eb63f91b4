# tries: to raise the limits that it was given
# must: ValueError or PermissionError at each
# ends: finished
# control: no, no process may without root
import os, resource

for name in ("AS", "CORE", "CPU", "DATA", "FSIZE", "MEMLOCK", "MSGQUEUE", "NOFILE", "NPROC"):
    limit = getattr(resource, f"RLIMIT_{name}")
    soft, hard = resource.getrlimit(limit)
    for way in (
        lambda: resource.setrlimit(limit, (soft, hard + 1)),
        lambda: resource.setrlimit(limit, (resource.RLIM_INFINITY,) * 2),
        lambda: resource.prlimit(os.getpid(), limit, (hard + 1, hard + 1)),
        lambda: resource.prlimit(0, limit, (hard + 1, hard + 1)),
    ):
        try:
            way()
            print("HARM", name, resource.getrlimit(limit))
        except (ValueError, OSError):
            pass
