"""Watchers of one live run: `make bench ARGS=live`.

A loop of a thousand backward passes a second writes the time into a number of its own, which every
state carries; the delay is how old it is when a watcher has it. Loopback, wall times, one process
for all watchers, whose own work is in the delay.
"""

import asyncio
import re
import time
from pathlib import Path
from statistics import quantiles

import httpx

from tests.conftest import serving
from tests.live.streams import start

SECONDS = 8
LOOP = """
import time
import torch
w = torch.ones(1, requires_grad=True)
while True:
    loss = (w * w).sum()
    now = time.time()
    loss.backward()
    w.grad = None
"""
NOW = re.compile(rb'"now":([\d.]+)')
CURVE = re.compile(rb'"first":(\d+),"values":\[[^]]*\],"lines":\[([^]]*)\]')


class Watcher(asyncio.Protocol):
    """One connection; it takes bytes apart without reading JSON, for there are 500 of them.

    A reader that decodes every event keeps a core busy, and then its own delay is measured.
    """

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.points, self.lost = 0, 0
        self._begun, self._rest = False, b""

    def data_received(self, data: bytes) -> None:
        """Whole events count, the rest waits."""
        events, end, self._rest = (self._rest + data).rpartition(b"\n\n")
        if not end:
            return
        for curve in CURVE.finditer(events):
            first, points = int(curve[1]), curve[2].count(b",") + 1
            self.lost += self._begun and first != self.points
            self.points, self._begun = first + points, True
        now = time.time()
        if self._begun:
            self.delays += [now - float(made) for made in NOW.findall(events)]


async def watch_all(count: int, address: httpx.URL, path: str) -> list[Watcher]:
    loop = asyncio.get_running_loop()
    host, port = address.host, address.port or 80
    connected = [await loop.create_connection(Watcher, host, port) for _ in range(count)]
    for transport, _ in connected:
        transport.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await asyncio.sleep(SECONDS)
    for transport, _ in connected:
        transport.close()
    return [watcher for _, watcher in connected]


def cpu_seconds(pid: int) -> float:
    """What a process has used of a processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    """Print a line for each number of watchers."""
    print("watchers  states a second  median ms   p99 ms  server cores  points lost")
    with serving(GRADFN_LOG_LEVEL="error") as served:
        for count in (1, 50, 500):
            run = start(served.client, LOOP, speed=1000)
            before = cpu_seconds(served.pid)
            path = f"{run.address}/events"
            watchers = asyncio.run(watch_all(count, served.client.base_url, path))
            cores = (cpu_seconds(served.pid) - before) / SECONDS
            delays = sorted(delay * 1e3 for each in watchers for delay in each.delays)
            cuts = quantiles(delays, n=100)
            rate = min(each.points for each in watchers) / SECONDS
            lost = sum(each.lost for each in watchers)
            times = f"{cuts[49]:9.1f}  {cuts[98]:7.1f}"
            print(f"{count:8}  {rate:15.0f}  {times}  {cores:12.2f}  {lost:11}")
            served.client.delete(run.address)
