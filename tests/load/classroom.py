"""A class: everybody opens the page, and runs five short programs of the menu with a look at each.

Meanwhile others watch one live run (`watcher.py`).

Locust reads this file; `make load` starts it, with a server to ask.
"""

import os
import random
import re
import sys
from itertools import count

from locust import FastHttpUser, LoadTestShape, between, events, task
from locust.env import Environment
from locust.exception import StopUser

from tests.load import watcher
from tests.load.watcher import WATCHERS, Watcher

__all__ = ["Lesson", "Student", "Watcher"]  # what Locust looks for

STUDENTS = int(os.environ.get("STUDENTS", "200"))
ARRIVE_A_SECOND = 10
PROGRAMS = 5
SHORT = ("1", "2", "4")  # the article's parts that take milliseconds; what trains takes seconds
MOST_SECONDS = 900
ADDRESS = re.compile(r'"(/static/[^"]+)"')

numbers = count()
left = count(1)
gone = 0


class Student(FastHttpUser):
    """One of them, with an address of their own, as a proxy would tell it."""

    abstract = not STUDENTS
    wait_time = between(2, 8)

    def on_start(self) -> None:
        """The page with all that a browser loads, and the menu."""
        number = next(numbers)
        self.random = random.Random(number)
        self.headers = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}
        with self.client.get("/", name="page", headers=self.headers) as page:
            addresses = sorted(set(ADDRESS.findall(page.text)))
        for address in addresses:
            self.client.get(address, name="page's files", headers=self.headers)
        menu = self.client.get("/api/v1/examples", name="menu", headers=self.headers).json()
        short = [each["code"] for each in menu if each["part"].startswith(SHORT)]
        self.programs = self.random.sample(short, PROGRAMS)

    @task
    def run_program(self) -> None:
        """The next program, as the page asks for it; after the last one, go."""
        asked = {"code": self.programs.pop(), "options": {"picture": True}}
        with self.client.post(
            "/api/v1/graph", json=asked, name="program", headers=self.headers, catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}")
            elif (run := answer.json())["status"] not in ("finished", "raised"):
                answer.failure(f"the run: {run['status']}")
            elif not run["picture"]["svg"]:
                answer.failure("no picture")
        if not self.programs:
            global gone
            gone = next(left)
            raise StopUser


class Lesson(LoadTestShape):
    """They come one after another, watchers first; when the last has gone it is over."""

    def tick(self) -> tuple[int, float] | None:
        """How many there are, and how fast they come."""
        all_gone = gone >= STUDENTS and watcher.gone >= WATCHERS
        if all_gone or self.get_run_time() > MOST_SECONDS:
            return None
        return STUDENTS + WATCHERS, ARRIVE_A_SECOND


@events.test_stop.add_listener
def tell_what_went_wrong(environment: Environment, **_: object) -> None:
    """On stderr, for who reads along; a lesson cut short is wrong too."""
    for error in environment.stats.errors.values():
        print(f"{error.occurrences} × {error.name}: {error.error}", file=sys.stderr)
    if gone < STUDENTS:
        print(f"{gone} of {STUDENTS} had run their programs by the end", file=sys.stderr)
        environment.process_exit_code = 1
    if watcher.gone < WATCHERS:
        print(f"{watcher.gone} of {WATCHERS} had watched to the end", file=sys.stderr)
        environment.process_exit_code = 1
    if heard := watcher.heard:
        print(
            f"{len(heard)} watched {watcher.ITERATIONS:,} iterations; {watcher.lost} points of the "
            f"loss were lost; events for each: {min(heard):,} to {max(heard):,}, "
            f"{sum(heard):,} in all"
        )
