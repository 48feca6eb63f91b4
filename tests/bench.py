"""`make bench`: what it costs, measured on this machine, ratios within one run.

Not part of the tests: a figure is an aim, and a busy machine is no failure. Times are wall
times unless a line says CPU; every program runs for real, through HTTP where it says so.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import serving

SIX_LINES = """\
import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)
a, b = torch.add(w, x), torch.add(w, 1)
y = torch.mul(a, b)
y.backward()
"""

# Runs in a process of its own, which ends by os._exit: see app/child/live.py.
WALK = """
import os, resource, sys, time
import torch
from app.child.walk import walk_functions
from app.events.wire import encode

def chain(nodes):
    w = y = torch.ones(1, requires_grad=True)
    for _ in range(nodes):
        y = y.sin()
    return y

def best(work, rounds):
    times = []
    for _ in range(rounds):
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    return min(times)

nodes, rounds, compare = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "compare"
root = chain(nodes).grad_fn
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ours = best(lambda: encode(walk_functions([root], 10**9).walked), rounds)
memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
theirs = 0.0
if compare:
    import torchviz
    y = chain(nodes)
    theirs = best(lambda: torchviz.make_dot(y).source, max(3, rounds // 10))
print(ours, theirs, memory)
sys.stdout.flush()
os._exit(0)
"""

PLAIN = f"""
import time
import torch
code = compile({SIX_LINES!r}, "program.py", "exec")
times = []
for _ in range(200):
    before = time.perf_counter()
    exec(code, {{"__name__": "__main__"}})
    times.append(time.perf_counter() - before)
print(sorted(times)[100])
"""


def main() -> None:
    print(f"gradfn bench on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    bench_walk()
    with serving() as served:
        bench_latency(served.url)
        bench_throughput(served.url)


def bench_walk() -> None:
    """Walk and encode a chain, beside torchviz's walk and DOT text."""
    print("walk + encode, CPU time     ours       torchviz   torchviz : ours   (aim: 20)")
    for nodes, rounds in ((10, 300), (100, 200), (900, 100)):
        ours, theirs, _ = _python(WALK, str(nodes), str(rounds), "compare")
        print(
            f"  chain of {nodes:<9,}  {ours * 1e6:9.0f} µs  {theirs * 1e6:9.0f} µs"
            f"   {theirs / ours:6.1f}"
        )
    print("\nwalk + encode alone, CPU time          a node (aim: 1 µs)   memory (aim: 300 MB)")
    for nodes in (100_000, 1_000_000):
        ours, _, memory = _python(WALK, str(nodes), "1", "alone")
        print(
            f"  chain of {nodes:<9,}  {ours * 1e3:9.0f} ms   {ours / nodes * 1e6:6.2f} µs"
            f"              {memory:6.0f} MB"
        )
    print()


def bench_latency(url: str) -> None:
    """The six lines from request to answer, beside plain Python in the same run."""
    post = _poster(url)
    times = []
    for _ in range(220):
        before = time.perf_counter()
        post()
        times.append(time.perf_counter() - before)
        time.sleep(0.05)  # one reader, thinking: a child is warm again
    times = sorted(times[20:])
    (warm,) = _python(PLAIN)
    cold = min(_seconds(_cold_process) for _ in range(3))
    median, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    print("six lines of part 2.2, request to answer through HTTP")
    print(f"  median {median * 1e3:6.1f} ms (aim: 8)   p99 {p99 * 1e3:6.1f} ms (aim: 30)")
    print(f"  plain Python, warm exec {warm * 1e3:.2f} ms: {median / warm:.0f} times less")
    print(f"  plain Python, a process {cold * 1e3:.0f} ms: {cold / median:.0f} times more\n")


def bench_throughput(url: str) -> None:
    """Requests a second, closed loop."""
    print("requests a second (aim: 100)")
    for clients in (1, 8, 32):
        total = 400
        threads = [
            threading.Thread(target=_post_many, args=(url, total // clients))
            for _ in range(clients)
        ]
        before = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = total // clients * clients / (time.perf_counter() - before)
        print(f"  {clients:2} clients  {rate:6.0f}")


def _post_many(url: str, count: int) -> None:
    post = _poster(url)
    for _ in range(count):
        post()


def _poster(url: str) -> Callable[[], None]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    body = json.dumps({"code": SIX_LINES})

    def post() -> None:
        connection.request("POST", "/api/v1/graph", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        document = json.loads(answer.read())
        assert document["status"] == "finished", document

    return post


def _python(code: str, *arguments: str) -> list[float]:
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [float(number) for number in printed.stdout.split()]


def _cold_process() -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(SIX_LINES)
        subprocess.run([sys.executable, program], check=True)


def _seconds(work: Callable[[], None]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


if __name__ == "__main__":
    main()
