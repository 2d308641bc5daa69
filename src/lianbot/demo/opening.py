"""Twin, door, house and school opened once, for the head-less run and for the one in the browser."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from lianbot.bootstrap import House, content_directory, open_house
from lianbot.curriculum import load_menu
from lianbot.demo import phones
from lianbot.demo.concerns import DoorRun, make_door
from lianbot.demo.school import DemoSchool, make_school
from lianbot.demo.seeding import Cast, seed
from lianbot.demo.stage import create_database, demo_settings
from lianbot.domain.calendar import local
from lianbot.flows.menu import menu_of, push_menu
from lianbot.timetable.clocks import open_clock
from lianbot.twin import Twin


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A seeded school with its phones in the twin and its door open; nothing is pushed yet."""

    house: House
    school: DemoSchool
    cast: Cast
    door: DoorRun


async def open_school(
    stack: AsyncExitStack,
    twin: Twin,
    *,
    folder: Path,
    port: int,
    workers: int,
    dice: int,
    clock: str,
    frame: bool,
) -> Opened:
    """Everything but the bot itself, which will answer at `port`; closed with `stack`.

    `frame`: the twin's phones may show the item pages in a frame.
    """
    base = f"http://127.0.0.1:{port}"
    phones.set_up_accounts(twin, base)
    origin = await create_database(folder, clock)
    door = make_door(folder, origin=origin, now=local(open_clock(clock).now()), clock=clock)
    await door.start()
    stack.push_async_callback(door.stop)
    settings = demo_settings(
        folder,
        base=base,
        port=port,
        wecom_base=twin.wecom_base,
        official_base=twin.official_base,
        frame=twin.base_url if frame else "",
        clock=clock,
        door_url=door.url,
    )
    house = await stack.enter_async_context(open_house(settings))
    school = make_school(workers, dice)
    phones.add_phones(twin, school, {p.code.value: p.short for p in house.profiles.values()})
    if house.account_desk is not None:
        columns = load_menu(content_directory(settings))
        await push_menu(house.account_desk, menu_of(columns, settings.door_public_url))
    return Opened(house=house, school=school, cast=await seed(house, school), door=door)
