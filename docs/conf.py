"""`make docs`: these documents as pages, with the graphs of examples drawn by gradfn itself."""

from gradfn import __version__

project = "gradfn"
author = "the gradfn contributors"
release = __version__
extensions = ["myst_parser", "gradfn.sphinx"]
root_doc = "docs/index"
include_patterns = [
    "*.md",
    "docs/*.md",
]  # documents link to CONTRIBUTING.md
html_theme = "furo"
html_title = "gradfn"
myst_heading_anchors = 4  # so that `other.md#a-heading` is checked
nitpicky = True  # with -W: a link that leads nowhere ends the build
