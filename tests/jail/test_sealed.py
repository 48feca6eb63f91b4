"""Without Landlock no file can be opened: programs still run, and hostile ones fail."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gradfn.examples import EXAMPLES, Example
from tests.conftest import Serve, Served
from tests.jail.attacks import HERE, SETTINGS, Attack, end_of, harm_in, named, run_sound

WITHOUT_LANDLOCK = "tests.jail.lacking landlock"
AT_ONCE = 4


@pytest.fixture(scope="module")
def sealed(serve: Serve) -> Iterator[Served]:
    """A server on a kernel without Landlock."""
    with serve(module=WITHOUT_LANDLOCK) as served:
        yield served


@pytest.fixture(scope="module")
def unsealed(serve: Serve) -> Iterator[Served]:
    """The same as this machine has it."""
    with serve() as served:
        yield served


@pytest.fixture(scope="module")
def documents(serve: Serve) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """What came of all attacks, several at once, on such a server; it serves afterwards."""
    with serve(module=WITHOUT_LANDLOCK, **SETTINGS) as served:

        def run(attack: Attack) -> list[dict[str, Any]]:
            return [served.run(attack.code, **attack.options) for _ in range(attack.runs)]

        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = dict(zip(map(named, HERE), pool.map(run, HERE), strict=True))
        run_sound(served)
        yield told


def test_the_server_says_which_layers_it_has(sealed: Served) -> None:
    assert sealed.client.get("/readyz").json() == {
        "status": "ready",
        "landlock": 0,
        "seccomp": True,
    }


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd')",
        "open('/dev/null')",
        "import os\nopen(os.__file__)",
        "import os, posix\nposix.open('.', os.O_RDONLY | os.O_DIRECTORY)",
        "import os\nos.open('/usr/lib', os.O_PATH)",
        "import os\nos.listdir('/usr/lib')",
        "open('/var/tmp/gradfn-was-here', 'w')",
        "import _io\n_io.open('/tmp/gradfn-was-here', 'w')",
    ],
)
def test_no_file_and_no_folder_is_opened(sealed: Served, code: str) -> None:
    document = sealed.run(code)

    assert document["error"]["type"] == "PermissionError"
    assert document["error"]["line"] == len(code.splitlines())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_an_example_comes_out_as_with_landlock(
    sealed: Served, unsealed: Served, example: Example
) -> None:
    ours, theirs = (each.run(example.code, seed=1) for each in (sealed, unsealed))

    for each in (ours, theirs):  # `<function double at 0x7f0c…>`: differs in each process
        for variable in each["variables"]:
            variable["repr"] = re.sub(r" at 0x[0-9a-f]+", "", variable["repr"])
    for part in ("status", "error", "stdout", "variables", "graph"):
        assert ours[part] == theirs[part]
    figures = [[figure["data"] for figure in each["figures"]] for each in (ours, theirs)]
    assert figures[0] == figures[1]


@pytest.mark.parametrize(
    "code",
    [
        "import matplotlib.pyplot as plt\nplt.title('ä $x_0^2$', style='italic', weight='bold')",
        "import matplotlib.pyplot as plt\nplt.rcParams['font.family'] = 'serif'\nplt.title('x')",
        "import matplotlib.pyplot as plt\nplt.style.use('ggplot')\nplt.imshow([[1, 2]])",
        "import matplotlib.pyplot as plt\nplt.figure().add_subplot(projection='3d').plot([1], [1])",
        "import io, matplotlib.pyplot as plt\nplt.plot([1])\nplt.savefig(io.BytesIO())",
    ],
)
def test_figures_have_their_fonts(sealed: Served, code: str) -> None:
    document = sealed.run(code)

    assert document["status"] == "finished", document["error"]
    assert len(document["figures"]) == 1
    assert document["stderr"] == ""


@pytest.mark.parametrize(
    "code",
    [
        "import sqlite3, xml.dom.minidom, email.mime.text, concurrent.futures, unittest.mock",
        "import torch.fft, torch.linalg, torch.sparse, torch.nn.utils.rnn, torch.func, torch.onnx",
        "import threading\nthread = threading.Thread(target=print)\nthread.start(); thread.join()",
        "import torch\ntorch.func.hessian(lambda x: (x**3).sum())(torch.ones(2))",
        "import torch\nnet = torch.nn.Transformer(8, 2, 1, 1, 8, batch_first=True)\n"
        "net(torch.ones(2, 1, 8), torch.ones(2, 1, 8)).sum().backward()",
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "list(DataLoader(TensorDataset(torch.ones(3)), batch_size=2))",
        "import time\ntime.localtime()",
        "'é'.encode('cp1252')",
        *(
            f"import torch\nw = torch.ones(2, requires_grad=True)\n"
            f"optimizer = torch.optim.{name}([w])\nw.sum().backward()\n"
            f"optimizer.step(lambda: w.sum())"
            for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "LBFGS")
        ),
    ],
)
def test_what_programs_use_is_loaded_beforehand(sealed: Served, code: str) -> None:
    document = sealed.run(code)

    assert document["status"] == "finished", document["error"]


@pytest.mark.parametrize("attack", HERE, ids=named)
def test_no_attack_does_harm(attack: Attack, documents: dict[str, list[dict[str, Any]]]) -> None:
    expected = {*attack.said["ends"].split(" | ")}

    for document in documents[attack.name]:
        assert not harm_in(document)
        assert end_of(document) & expected, document["error"]
