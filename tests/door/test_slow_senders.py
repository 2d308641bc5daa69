"""Bodies that never come, or come drop by drop, shut the door on nobody, and nothing is kept of their addresses."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lianbot.door.app import NOWHERE, Buffers, Door
from lianbot.door.keeper import EXCHANGE, PHOTO_ANSWER, PHOTOS

SLOW = 40


@contextlib.asynccontextmanager
async def stuck(
    wire: Any, path: str, size: int, sent: int, count: int = SLOW
) -> AsyncIterator[Any]:
    """Connections that promise a body of `size`, send `sent` bytes of it and fall silent."""
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode()
    pairs = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection(wire.host, wire.port)
        writer.write(head + bytes(sent))
        await writer.drain()
        pairs.append((reader, writer))
    try:
        yield pairs
    finally:
        for _, writer in pairs:
            writer.close()


@pytest.mark.parametrize("sent", [0, 1, EXCHANGE - 1])
async def test_a_letter_goes_through_beside_forty_that_never_come(
    school: Any, wire: Any, sent: int
) -> None:
    async with stuck(wire, "/c/x", EXCHANGE, sent), asyncio.timeout(10):
        assert await wire.put(school, school.letter())


@pytest.mark.parametrize("sent", [0, 1, 70_000, 500_000])
async def test_photos_go_through_beside_forty_that_never_come(
    wire: Any, door: Door, sent: int
) -> None:
    door.photos = Buffers(size=PHOTOS, count=2, patient=0.2, hurried=0.05)
    async with stuck(wire, "/c/m", PHOTOS, sent), asyncio.timeout(15):
        status, _, answer = await wire.ask("POST", "/c/m", os.urandom(PHOTOS))
    assert (status, len(answer)) == (200, PHOTO_ANSWER)


async def test_who_brings_no_tenth_in_time_gets_the_constant_answer(wire: Any, door: Door) -> None:
    door.photos = Buffers(size=PHOTOS, count=1, patient=0.2, hurried=0.05)
    async with stuck(wire, "/c/m", PHOTOS, 70_000, 1) as [(reader, _)], asyncio.timeout(10):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 404 Not Found")
    assert answer.endswith(NOWHERE)


async def test_a_slow_sender_that_keeps_coming_is_served(wire: Any, door: Door) -> None:
    door.photos = Buffers(size=PHOTOS, count=1, patient=5.0, hurried=5.0)
    async with stuck(wire, "/c/m", PHOTOS, 1, 1) as [(reader, writer)], asyncio.timeout(20):
        left = PHOTOS - 1
        while left:
            writer.write(bytes(step := min(left, 60_000)))
            await writer.drain()
            await asyncio.sleep(0)
            left -= step
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")


async def test_every_buffer_comes_back_zeroed(wire: Any, door: Door, school: Any) -> None:
    door.letters = Buffers(size=EXCHANGE, count=1)
    async with stuck(wire, "/c/x", EXCHANGE, 9):
        assert await wire.put(school, school.letter())
    await wire.ask("POST", "/c/x", os.urandom(EXCHANGE))
    assert door.letters._free == [bytearray(EXCHANGE)]
