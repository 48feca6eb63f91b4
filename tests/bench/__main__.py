"""`make bench`: what it costs, measured on this machine, ratios within one run.

`make bench ARGS="jail soak"` measures these alone. Not part of the tests: a figure is an aim, and
a busy machine is no failure. Times are wall times unless a line says CPU; every program runs for
real, through HTTP where it says so.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench import live, notebook, page, pictures
from tests.bench.ratios import note
from tests.bench.soak import bench_soak, memory_of, poster, settled, used_by, waiting
from tests.conftest import Served, serving
from tests.processes import children, fork_server_below

SIX_LINES = """\
import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)
a, b = torch.add(w, x), torch.add(w, 1)
y = torch.mul(a, b)
y.backward()
"""

# Runs in a process of its own, which ends by os._exit: see app/gradfn/child/run_once.py.
WALK = """
import os, resource, sys, time
import torch
from gradfn.recorder.read.graph import walk_functions
from gradfn.events.wire import encode

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
    parts: dict[str, Callable[[], None]] = {
        "walk": bench_walk,
        "recorder": bench_recorder,
        "latency": bench_latency,
        "throughput": bench_throughput,
        "cpu": bench_cpu,
        "jail": bench_jail,
        "children": bench_children,
        "recovery": bench_recovery,
        "live": live.main,
        "soak": bench_soak,
        "pictures": pictures.main,
        "notebook": notebook.main,
        "page": page.main,
    }
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*parts, []], help="default: all of them")
    for part in parser.parse_args().part or parts:
        print(f"{part}: on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        parts[part]()
        print(flush=True)


def bench_walk() -> None:
    """Walk and encode a chain, beside torchviz's walk and DOT text."""
    print("walk + encode, CPU time     ours       torchviz   torchviz : ours   (aim: 20)")
    for nodes, rounds in ((10, 300), (100, 200), (900, 100)):
        ours, theirs, _ = _python(WALK, str(nodes), str(rounds), "compare")
        note(f"walk and encode over torchviz: chain of {nodes}", ours / theirs)
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


def bench_recorder() -> None:
    """What recording adds to programs, beside plain execution and other tools."""
    subprocess.run([sys.executable, "-W", "ignore", "-m", "tests.bench.recording_cost"], check=True)


def bench_latency() -> None:
    """The six lines from request to answer, beside plain Python in the same run."""
    with serving() as served:
        [times] = reader_times([served], 200)
    (warm,) = _python(PLAIN)
    cold = min(_seconds(_cold_process) for _ in range(3))
    median, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    print("six lines of part 2.2, request to answer through HTTP")
    print(f"  median {median * 1e3:6.1f} ms (aim: 8)   p99 {p99 * 1e3:6.1f} ms (aim: 30)")
    print(f"  plain Python, warm exec {warm * 1e3:.2f} ms: {median / warm:.0f} times less")
    print(f"  plain Python, a process {cold * 1e3:.0f} ms: {cold / median:.0f} times more")


def reader_times(servers: list[Served], count: int) -> list[list[float]]:
    """Seconds for the six lines, sorted, of each server; they are asked in turns."""
    posts = [poster(served.url) for served in servers]
    times: list[list[float]] = [[] for _ in servers]
    for turn in range(count + 20):
        for post, of_server in zip(posts, times, strict=True):
            time.sleep(0.05)  # one reader, thinking: a child is warm again
            before = time.perf_counter()
            assert post(SIX_LINES)["status"] == "finished"
            if turn >= 20:
                of_server.append(time.perf_counter() - before)
    return [sorted(of_server) for of_server in times]


def bench_throughput() -> None:
    """Requests a second, closed loop."""
    print("requests a second (aim: 100)")
    with serving() as served:
        for clients in (1, 8, 32):
            total = 400
            with ThreadPoolExecutor(clients) as threads:
                before = time.perf_counter()
                list(threads.map(_post_many, [served.url] * clients, [total // clients] * clients))
                rate = total // clients * clients / (time.perf_counter() - before)
            print(f"  {clients:2} clients  {rate:6.0f}")


def _post_many(url: str, count: int) -> None:
    post = poster(url)
    for _ in range(count):
        assert post(SIX_LINES)["status"] == "finished"


def bench_cpu() -> None:
    """CPU time of one program, of the server and of all its processes, over plain Python's."""
    count, clients, ready = 240, 8, 4
    (plain,) = _python(PLAIN.replace("perf_counter", "process_time"))
    with serving(GRADFN_READY_CHILDREN=str(ready)) as served:
        forks = fork_server_below(served.process.pid)
        _post_many(served.url, 20)
        settled(served, ready)
        before = _cpu_seconds(served.process.pid), _cpu_seconds(forks)
        with ThreadPoolExecutor(clients) as threads:
            list(threads.map(_post_many, [served.url] * clients, [count // clients] * clients))
        settled(served, ready)
        after = _cpu_seconds(served.process.pid), _cpu_seconds(forks)
    own = [(now[0] - then[0]) / count for now, then in zip(after, before, strict=True)]
    below = (after[1][1] - before[1][1]) / count
    print(f"CPU time of the six lines, {clients} clients (aim: 20 ms); plain {plain * 1e3:.2f} ms")
    for name, seconds in (("server", own[0]), ("fork server", own[1]), ("child", below)):
        print(f"  {name:12} {seconds * 1e3:6.1f} ms")
        note(f"CPU of {name} over plain: six lines", seconds / plain)


def _cpu_seconds(pid: int) -> tuple[float, float]:
    """CPU time of a process, and of the children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, children_user, children_system = map(int, fields[11:15])
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + system) / ticks, (children_user + children_system) / ticks


def bench_jail() -> None:
    """The six lines with the jail and without Landlock and seccomp."""
    with serving() as jailed, serving(module="tests.jail.unjailed") as unjailed:
        with_it, without = reader_times([jailed, unjailed], 400)
    print("six lines through HTTP, two servers asked in turns   median      p99")
    for name, times in (("with the jail", with_it), ("without", without)):
        print(f"  {name:48} {_median(times):6.2f} ms {_p99(times):7.2f} ms")
    more = _median(with_it) - _median(without), _p99(with_it) - _p99(without)
    print(f"  {'what it costs (aim: less than 2 ms)':48} {more[0]:6.2f} ms {more[1]:7.2f} ms")


def _median(times: list[float]) -> float:
    return statistics.median(times) * 1e3


def _p99(times: list[float]) -> float:
    return times[int(len(times) * 0.99)] * 1e3


def bench_children() -> None:
    """How fast children become ready, and what each costs while it waits."""
    count = 100
    with serving(GRADFN_READY_CHILDREN="1") as served:
        one = used_by(served, 1)
    with serving(GRADFN_READY_CHILDREN=str(count), GRADFN_RUNNING_CHILDREN="1") as served:
        forks = fork_server_below(served.process.pid)
        while len(waiting(forks)) < 2:
            time.sleep(0.001)
        before, first = time.perf_counter(), len(waiting(forks))
        while len(waiting(forks)) < count:
            time.sleep(0.01)
        seconds = time.perf_counter() - before
        many = used_by(served, count)
        pss, private = memory_of(waiting(forks).pop())
    print(f"children made ready, jailed and rehearsed   {(count - first) / seconds:6.0f} a second")
    print(f"one waiting child among {count}: PSS {pss:.1f} MB, its own {private:.1f} MB")
    print(f"all processes, a child more: {(many - one) / (count - 1):.1f} MB")


def bench_recovery() -> None:
    """From the death of the fork server to the next program's answer."""
    with serving(GRADFN_READY_CHILDREN="4") as served:
        post = poster(served.url)
        times = []
        forks = settled(served, 4)
        for _ in range(5):
            while len(waiting(forks)) < 4 or len(children(forks)) != 5:
                time.sleep(0.01)
            killed, [forks] = forks, children(forks) - waiting(forks)  # its spare
            os.kill(killed, signal.SIGKILL)
            before = time.perf_counter()
            while post(SIX_LINES)["status"] != "finished":
                pass
            times.append(time.perf_counter() - before)
    print("fork server killed, until a program has run again (aim: 1,000 ms)")
    print(f"  median {_median(times):.0f} ms, worst {max(times) * 1e3:.0f} ms of {len(times)}")


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
