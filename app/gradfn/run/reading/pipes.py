"""Bytes to and from a process of ours, as its pipes take and give them."""

import asyncio
import os
from collections.abc import Callable

CHUNK_BYTES = 2**18


async def send(descriptor: int, *parts: bytes) -> None:
    """All of it; OSError when the process is gone."""
    for part in parts:
        rest = memoryview(part)
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:
                await _until(descriptor, writing=True)


async def receive(descriptor: int) -> bytes:
    """The next bytes; nothing at the end."""
    while True:
        try:
            return os.read(descriptor, CHUNK_BYTES)
        except BlockingIOError:
            await _until(descriptor)


async def _until(descriptor: int, *, writing: bool = False) -> None:
    """Until it can be read from, or written to."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    add: Callable[..., None] = loop.add_writer if writing else loop.add_reader
    remove = loop.remove_writer if writing else loop.remove_reader
    add(descriptor, tell)
    try:
        await ready
    finally:
        remove(descriptor)
