"""Processes are threads, as Python's own `multiprocessing.dummy` has them."""

import concurrent.futures
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from multiprocessing import dummy
from typing import Any, Self

import torch.multiprocessing


class Result:
    """What the methods of a pool give that end in `_async`."""

    def __init__(self, futures: list[Future[Any]], *, one: bool) -> None:
        self._futures, self._one = futures, one

    def get(self, timeout: float | None = None) -> Any:
        """The result, or the exception, of the call or of all calls."""
        results = [each.result(timeout) for each in self._futures]
        return results[0] if self._one else results

    def wait(self, timeout: float | None = None) -> None:
        """Until it is there."""
        wait(self._futures, timeout)

    def ready(self) -> bool:
        """Whether it is there."""
        return all(each.done() for each in self._futures)

    def successful(self) -> bool:
        """Whether no call ended in an exception."""
        return not any(each.exception() for each in self._futures)


class Pool:
    """A pool of threads with the methods of `multiprocessing.Pool`, whose own needs pipes."""

    def __init__(
        self, processes: int | None = None, initializer: Any = None, initargs: Any = (), *_: Any
    ) -> None:
        self._threads = ThreadPoolExecutor(processes, initializer=initializer, initargs=initargs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate()

    def apply(self, func: Any, args: Any = (), kwds: Any = None) -> Any:
        return self.apply_async(func, args, kwds).get()

    def apply_async(
        self, func: Any, args: Any = (), kwds: Any = None, callback: Any = None, *_: Any, **__: Any
    ) -> Result:
        future = self._threads.submit(func, *args, **(kwds or {}))
        if callback is not None:
            future.add_done_callback(lambda done: callback(done.result()))
        return Result([future], one=True)

    def map(self, func: Any, iterable: Any, chunksize: int | None = None) -> list[Any]:
        return list(self.imap(func, iterable))

    def map_async(self, func: Any, iterable: Any, *_: Any, **__: Any) -> Result:
        return Result([self._threads.submit(func, each) for each in iterable], one=False)

    def imap(self, func: Any, iterable: Any, chunksize: int = 1) -> Iterator[Any]:
        return self._threads.map(func, iterable)

    imap_unordered = imap

    def starmap(self, func: Any, iterable: Any, chunksize: int | None = None) -> list[Any]:
        return list(self._threads.map(lambda each: func(*each), iterable))

    def starmap_async(self, func: Any, iterable: Any, *_: Any, **__: Any) -> Result:
        return Result([self._threads.submit(func, *each) for each in iterable], one=False)

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    def terminate(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        self._threads.shutdown()


def run_in_threads(note: Callable[[str], None]) -> None:
    """Put them in place."""

    class Process(dummy.DummyProcess):
        """A thread with the methods of a process."""

        def __init__(
            self,
            group: None = None,
            target: Any = None,
            name: str | None = None,
            args: Any = (),
            kwargs: Any = None,
            *,
            daemon: bool | None = None,
        ) -> None:
            super().__init__(group, target, name, args, kwargs or {})
            if daemon is not None:
                self.daemon = daemon

        def start(self) -> None:
            note("processes")
            super().start()

    class Executor(ThreadPoolExecutor):
        """Threads in place of processes."""

        def __init__(self, max_workers: int | None = None, *_: Any, **options: Any) -> None:
            note("processes")
            kept = {name: options[name] for name in ("initializer", "initargs") if name in options}
            super().__init__(max_workers, **kept)

    def make_pool(*args: Any, **options: Any) -> Pool:
        note("processes")
        return Pool(*args, **options)

    def spawn(
        fn: Any, args: Any = (), nprocs: int = 1, join: bool = True, *_: Any, **__: Any
    ) -> None:
        processes = [Process(target=fn, args=(rank, *args)) for rank in range(nprocs)]
        for process in processes:
            process.start()
        for process in processes if join else ():
            process.join()

    names = {name: getattr(dummy, name) for name in (*dummy.__all__, "Value", "Array")}
    names |= {"Process": Process, "Pool": make_pool, "SimpleQueue": dummy.Queue}
    names |= {
        "get_context": lambda method=None: multiprocessing,
        "set_start_method": lambda method, force=False: None,
    }
    for module in (multiprocessing, torch.multiprocessing):
        vars(module).update(names)
    vars(torch.multiprocessing)["spawn"] = spawn
    concurrent.futures.ProcessPoolExecutor = Executor  # type: ignore[misc, assignment]
