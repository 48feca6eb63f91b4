# tries: to have the name of a file run as HTML or JavaScript
# must: it is text
# ends: finished
# control: no, only a page can be harmed
import os

for name in (
    "<script>alert(1)<",
    '"><img src=x onerror=alert(1)>',
    "..",
    "a\x00b",
    "\ud800",
    "x" * 5000,
):
    try:
        open(name, "w").close()
    except (OSError, ValueError):
        pass
