"""gradfn: see what autograd sees. The rooms and the way through them: docs/architecture.md."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("gradfn")  # as installed; the build takes it from the git tag
except PackageNotFoundError:  # imported from a source tree that was never installed
    __version__ = "0.0.0"
