"""Running `gradfn graph` and `gradfn explain` as a shell would."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.pace import patience

Done = subprocess.CompletedProcess[str]
Gradfn = Callable[..., Done]

GOOD = """\
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w * w).sum()
loss.backward()
print("printed by the script")
"""
RAISES = """\
import torch

def twice(loss):
    loss.backward()
    loss.backward()

w = torch.tensor([1.0, 2.0], requires_grad=True)
if True:
    twice((w * w).sum())
"""
SILENT = """\
import torch
net = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for i in range(3):
    loss = net(torch.ones(1, 2)).pow(2).mean()
    loss.backward()
    opt.step()
"""


def runner(python: list[str]) -> Gradfn:
    """What runs `gradfn` with these words in a folder, with a text on standard input."""

    def run_gradfn(*words: str, folder: Path, text: str = "", **environment: str) -> Done:
        return subprocess.run(
            [*python, "-m", "gradfn", *words],
            cwd=folder,
            input=text,
            capture_output=True,
            text=True,
            timeout=patience(100),
            env={**os.environ, **environment},
        )

    return run_gradfn


def script(folder: Path, text: str, name: str = "script.py") -> str:
    """A script of this text in the folder; its name."""
    (folder / name).write_text(text)
    return name
