"""The pilot walk at the terminal: asks the person with the phones, waits for rows, writes the record."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import typer

from lianbot.bootstrap import House, open_house, real_platforms
from lianbot.cli.edge import Exit, fail, run, say
from lianbot.flows.pilot import PHONES, Operator, Pilot, Walk, record
from lianbot.phrases import pilot as words
from lianbot.settings import load_settings
from lianbot.storage.pilot import SqlPilotBook


def walk_phones(numbers: Sequence[str], minutes: int, out: Path) -> None:
    """`lianbot doctor --pilot`: exit 0 only when three phones went the whole way."""
    if not 1 <= len(numbers) <= PHONES or len(set(numbers)) != len(numbers):
        fail(
            f"--phone：写 1 到 {PHONES} 个不同的工号，例如 --phone LB000001 --phone LB000002",
            Exit.USAGE,
        )
    try:
        with out.open("x", encoding="utf-8"):
            pass
    except OSError as error:
        fail(f"--out：写不了 {out}（{error.strerror}），换一个还没有的文件名", Exit.CANNOT_RUN)
    walk = run(_walk(numbers, minutes))
    found = record(walk)
    out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    say(f"记在 {out}。{found['note']}")
    if not walk.whole:
        fail(words.NOT_WHOLE, Exit.PROBLEMS)


async def _walk(numbers: Sequence[str], minutes: int) -> Walk:
    settings = load_settings()
    async with open_house(settings) as house:
        return await pilot_of(house, Terminal(), timedelta(minutes=minutes)).walk(numbers)


def pilot_of(house: House, operator: Operator, patience: timedelta) -> Pilot:
    return Pilot(
        book=SqlPilotBook(house.database),
        clock=house.clock,
        operator=operator,
        pause=asyncio.sleep,
        patience=patience,
        real=[kind.value for kind in real_platforms(house.settings)],
    )


class Terminal:
    """flows.pilot.Operator at the keyboard; an empty line passes a question over."""

    async def tell(self, text: str) -> None:
        say(text)

    async def ask(self, question: str, choices: Sequence[str]) -> str | None:
        for index, choice in enumerate(choices, start=1):
            say(f"  {index} {choice}")
        typed = await asyncio.to_thread(
            typer.prompt, question, default="", show_default=False, err=True
        )
        text = str(typed).strip()
        if not text.isdecimal() or not 1 <= int(text[:3]) <= len(choices):
            return None
        return choices[int(text[:3]) - 1]
