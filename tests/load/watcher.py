"""One live run, and those who watch it: each must get every point of its loss.

The program notes the time at each iteration and its states tell it, by the clock that the watchers
have too: so they know how old a state is when it has reached them.
"""

import os
import time

import msgspec
from locust import FastHttpUser, task
from locust.exception import StopUser

WATCHERS = int(os.environ.get("WATCHERS", "100"))
ITERATIONS = int(os.environ.get("WATCH_SECONDS", "60")) * 60
SPEED = 60  # iterations a second, as many as there are states
RUN = "LOAD_LIVE_RUN"  # the address of the run's events, in the environment

PROGRAM = f"""
import time
import torch
torch.manual_seed(10)
x = torch.rand(20, 1) * 10
y = 2 * x + (5 + torch.randn(20, 1))
w = torch.randn(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for iteration in range({ITERATIONS}):
    loss = (0.5 * (y - (w * x + b)) ** 2).mean()
    now = time.time()
    loss.backward()
    b.data.sub_(0.01 * b.grad)
    w.data.sub_(0.01 * w.grad)
    w.grad.zero_()
    b.grad.zero_()
"""

heard: list[int] = []  # events of each watcher that has gone
gone = lost = 0


class Curve(msgspec.Struct):
    """What is new of the loss: point number `first` and those after it."""

    first: int
    values: list[float]


class Scalars(msgspec.Struct):
    """The program's numbers."""

    now: float | None = None


class State(msgspec.Struct):
    """The latest backward pass."""

    scalars: Scalars


class Finished(msgspec.Struct):
    """The last event."""

    status: str


read_curve = msgspec.json.Decoder(Curve).decode
read_state = msgspec.json.Decoder(State).decode
read_finished = msgspec.json.Decoder(Finished).decode


class Watcher(FastHttpUser):
    """Looks on from when it comes until the run has ended."""

    abstract = not WATCHERS
    fixed_count = WATCHERS
    events = points = 0
    status = "unknown"

    @task
    def watch(self) -> None:
        """All events to the last, which says how the run ended; then go."""
        global gone, lost
        began = time.perf_counter()
        try:
            with self.client.get(
                os.environ[RUN], name="stream", stream=True, catch_response=True
            ) as answer:
                while frame := answer.stream.readline(b"\n\n"):
                    self._hear(bytes(frame))
                    if self.events == 1:
                        self._measured("first event", time.perf_counter() - began)
                if (self.status, self.points) != ("finished", ITERATIONS):
                    answer.failure(f"{self.status}, {self.points} of {ITERATIONS} points")
        finally:
            gone += 1
            lost += ITERATIONS - self.points
            heard.append(self.events)
        raise StopUser

    def _hear(self, frame: bytes) -> None:
        fields = dict(line.split(b": ", 1) for line in frame.splitlines() if line)
        if b"data" not in fields:  # a sign of life
            return
        self.events += 1
        match fields[b"event"]:
            case b"curve":
                curve = read_curve(fields[b"data"])
                if curve.first == self.points:  # else some are missing, and all after them
                    self.points += len(curve.values)
            case b"state":
                if (told := read_state(fields[b"data"]).scalars.now) is not None:
                    self._measured("state", time.time() - told)
            case b"finished":
                self.status = read_finished(fields[b"data"]).status

    def _measured(self, name: str, seconds: float) -> None:
        self.environment.events.request.fire(
            request_type="SSE",
            name=name,
            response_time=seconds * 1e3,
            response_length=0,
            exception=None,
            context={},
        )
