"""What a jail has no processes, sockets and GPUs for is done in another way, and said."""

import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import Served

SAME = {
    "workers": """
import torch
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
data = TensorDataset(torch.arange(8.0))
for loader in (DataLoader(data, 4, shuffle=True, num_workers=2),
               DataLoader(data, 3, num_workers=2, persistent_workers=True, prefetch_factor=4)):
    for epoch in range(2):
        print([batch.tolist() for batch, in loader], loader.num_workers)
""",
    "processes": """
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
def square(x):
    return x * x
def put(queue, x):
    queue.put(x)
if __name__ == "__main__":
    with mp.get_context("fork").Pool(2) as pool:
        print(pool.map(square, [1, 2]), pool.apply(square, (3,)), pool.starmap(pow, [(2, 3)]))
        print(list(pool.imap(square, range(3))), pool.map_async(square, [4]).get(5))
    queue = mp.Queue()
    processes = [mp.Process(target=put, args=(queue, i), daemon=True) for i in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print(sorted([queue.get(), queue.get()]), [process.exitcode for process in processes])
""",
    None: """
import asyncio
async def wait(n):
    await asyncio.sleep(0.01 * n)
    return n
async def main():
    print(await asyncio.gather(wait(2), wait(1)), await asyncio.to_thread(lambda: 5))
    try:
        await asyncio.wait_for(wait(100), 0.01)
    except TimeoutError:
        print("timeout")
asyncio.run(main())
""",
    "compile": """
import torch
@torch.compile(backend="eager")
def f(x):
    return (x * 2).sin().sum()
x = torch.ones(2, requires_grad=True)
f(x).backward()
print(x.grad)
""",
}


def notes(document: dict[str, Any]) -> list[str]:
    """What was done in another way."""
    return [each["id"] for each in document["diagnostics"] if each["severity"] == "info"]


@pytest.mark.parametrize("what", SAME, ids=str)
def test_it_prints_what_plain_python_prints(what: str | None, server: Served) -> None:
    plain = subprocess.run([sys.executable, "-c", SAME[what]], capture_output=True, text=True)

    document = server.run(SAME[what])

    assert document["error"] is None, document["stderr"]
    assert document["stdout"] == plain.stdout != ""
    assert notes(document) == ([f"no-{what}"] if what else [])


CUDA = """
import torch
from torch import nn
device = torch.device("cuda:0")
net = nn.Linear(2, 1).cuda()
other = nn.Linear(2, 1, device="cuda").to(device)
x = torch.ones(3, 2, device="cuda", requires_grad=True)
y = torch.zeros_like(x, device=device).to("cuda:0", torch.float32)
torch.cuda.synchronize()
(net(x) + other(y)).sum().backward()
print(x.device, x.is_leaf, x.grad.shape)
"""


def test_a_program_for_a_gpu_runs_on_the_cpu_where_that_is_asked_for(server: Served) -> None:
    document = server.run(CUDA, cuda_on_cpu=True)
    assert document["stdout"] == "cpu True torch.Size([3, 2])\n", document["error"]
    [note] = [each for each in document["diagnostics"] if each["id"] == "no-cuda"]
    assert note["line"] == 5


def test_else_it_is_the_error_that_pytorch_has_without_a_gpu(server: Served) -> None:
    error = server.run(CUDA)["error"]
    assert error["type"] == "AssertionError"
    assert error["explanation"]["id"] == "no-cuda"


def test_the_progress_bar_that_everybody_uses_is_there(server: Served) -> None:
    document = server.run("from tqdm import tqdm\nprint(sum(tqdm(range(4))))\n")
    assert document["stdout"] == "6\n"
