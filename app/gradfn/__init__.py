"""gradfn: see what autograd sees. The rooms and the way through them: docs/architecture.md."""

__version__ = "0.1.0"
