"""The browser of the page's tests: `python -m tests.page.chromium` finds one, or installs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OF_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
DEBIAN = ("chromium", "fonts-dejavu-core")  # without a font a page has no text
INSTALL_SECONDS = 900

HELP = """\
There is no browser for the tests, and none could be installed.
Any one of these helps, then make test again:
  - Chromium or Google Chrome on PATH (Debian: sudo apt install chromium fonts-dejavu-core);
  - a network connection, and .venv/bin/python -m playwright install --with-deps chromium.
"""


def installed() -> str | None:
    """A Chromium or Chrome of this machine that starts, by its path."""
    for name in (*NAMES, OF_MACOS):
        path = shutil.which(name)
        if path is not None and _works([path, "--version"], seconds=60, shown=False):
            return path
    return None


def of_playwright() -> str | None:
    """The Chromium that Playwright has downloaded, by its path."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def install() -> str | None:
    """Installs a browser, from Debian if we may, else Playwright's."""
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and (not rights or _works(["sudo", "-n", "true"], 10, shown=False)):
        apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
        _works([*apt, "update"], INSTALL_SECONDS)
        _works([*apt, "install", "--no-install-recommends", *DEBIAN], INSTALL_SECONDS)
        if found := installed():
            return found
    _works([sys.executable, "-m", "playwright", "install", "chromium"], INSTALL_SECONDS)
    return of_playwright()


def _works(command: list[str], seconds: float, *, shown: bool = True) -> bool:
    output = None if shown else subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=seconds
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main() -> None:
    if not (installed() or of_playwright() or install()):
        sys.exit(HELP)


if __name__ == "__main__":
    main()
