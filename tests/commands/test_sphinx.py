"""The directive in a real Sphinx build."""

import base64
import json
import re
import subprocess
import sys
import zlib
from html import unescape
from pathlib import Path

import pytest

from tests.commands.scripts import GOOD
from tests.pace import patience

ROOT = Path(__file__).parents[2]
DOCUMENT = """\
A graph
=======

.. gradfn::
   :alt: The graph of "a" sum
   :roots: loss

   import torch
   w = torch.tensor([1.0, 2.0], requires_grad=True)
   loss = (w * w).sum()
   other = w.exp()

.. gradfn:: script.py
   :format: html
   :no-code:
"""


def build(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "conf.py").write_text(
        'project = "x"\nextensions = ["gradfn.sphinx"]\ngradfn_server = "https://example.org/"\n'
    )
    (folder / "index.rst").write_text(text)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ".", "out"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=patience(200)
    )


@pytest.mark.usefixtures("gradfn")  # it starts processes
def test_a_page_has_the_picture_without_a_server_and_a_link_to_a_live_one(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(GOOD)

    done = build(tmp_path, DOCUMENT)

    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "out" / "index.html").read_text()
    assert 'aria-label="The graph of &quot;a&quot; sum"' in page
    assert "MulBackward0" in page
    assert "ExpBackward0" not in page
    assert "aten::mul.Tensor" in unescape(page[page.index("srcdoc=") :])
    link, _ = re.findall(r'href="https://example.org/#v1\.([\w-]+)"', page)
    packed = base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))
    assert "other = w.exp()" in json.loads(zlib.decompress(packed, wbits=-15))["code"]


@pytest.mark.usefixtures("gradfn")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (".. gradfn:: nothing.py\n", "cannot read nothing.py"),
        (".. gradfn::\n", "a file or a program"),
    ],
)
def test_what_cannot_be_shown_is_an_error_at_its_line(tmp_path: Path, text: str, why: str) -> None:
    done = build(tmp_path, f"A\n=\n\n{text}")

    assert done.returncode != 0
    assert "index.rst:4" in done.stderr
    assert why in done.stderr


@pytest.mark.usefixtures("gradfn")  # it starts processes
def test_our_own_documents_are_pages_and_every_link_between_them_leads_somewhere(
    tmp_path: Path,
) -> None:
    options = ["-q", "-W", "--keep-going", "-c", "docs", ".", str(tmp_path)]

    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options],
        cwd=ROOT, capture_output=True, text=True, timeout=patience(300),
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "docs" / "examples.html").read_text()
    assert "PowBackward0" in page
    assert "blocks[0…11] × 12" in page
