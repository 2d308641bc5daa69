"""Places: never more than there are, in the order of coming, and none lost."""

import asyncio

import pytest

from lianbot.flows.places import Places


async def test_no_more_are_inside_than_there_are_places_and_all_come_in_order():
    places, inside, most, order = Places(3), 0, 0, []

    async def visit(number: int) -> None:
        nonlocal inside, most
        async with places:
            order.append(number)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit(number) for number in range(20)))
    assert (most, order) == (3, list(range(20)))


async def test_an_error_inside_frees_the_place():
    places = Places(1)
    with pytest.raises(RuntimeError):
        async with places:
            raise RuntimeError
    async with asyncio.timeout(1), places:
        pass


@pytest.mark.parametrize("given", [False, True], ids=["while waiting", "as the place is given"])
async def test_a_place_survives_who_is_cancelled(given):
    places = Places(1)
    held = asyncio.Event()

    async def hold() -> None:
        async with places:
            await held.wait()

    async def take() -> None:
        async with places:
            pass

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(take())
    await asyncio.sleep(0)
    if given:
        held.set()
        await asyncio.sleep(
            0
        )  # the holder leaves: the place is the waiting one's, who has not run yet
    waiting.cancel()
    held.set()
    await asyncio.wait([holder, waiting])
    assert waiting.cancelled()
    async with asyncio.timeout(1), places:
        pass
