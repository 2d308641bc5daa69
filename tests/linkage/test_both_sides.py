"""The house beside the door: with the concerns or without them it keeps the same, and guesses from it are luck."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from fakes.fixtures import prepared
from fakes.luck import binomial_bound
from fakes.two_sides import CELL, TRIGGERS, Month, both_channels, live, rows_of
from lianbot.domain.messages import InboundKind
from lianbot.door.page import BUILT
from lianbot.storage.audit import AuditRow

__all__ = ["prepared"]

pytestmark = pytest.mark.skipif(
    not (BUILT / "door.js").exists(), reason="run `npm ci && node build.mjs` in frontend/"
)
SIZES = [12, pytest.param(60, marks=pytest.mark.slow), pytest.param(200, marks=pytest.mark.slow)]
SHORT: dict[str, int] = {"days": 4, "letters": 8}
PLATFORMS_OWN = {("platform_tokens", 1), ("card_codes", 1), ("ledger_details", 2)}
"""Its token, its code of a card, its MsgId of an answer that is kept: the stand-in counts them over everybody's calls."""
Columns = dict[str, dict[int, tuple[Any, ...]]]


@pytest.fixture(scope="session")
def month_of(
    small_content: Path, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Month]:
    """`month_of(count, concerns=…)`: lived once a session for the same arguments."""
    lived: dict[str, Month] = {}

    def month(count: int, name: str, *, breakage: Any = None, **how: Any) -> Month:
        key = f"{count}-{name}"
        if key not in lived:
            folder = tmp_path_factory.mktemp("sides") / key
            lived[key] = asyncio.run(
                live(
                    folder, small_content, prepared, both_channels(count), breakage=breakage, **how
                )
            )
        return lived[key]

    return month


def columns_of(month: Month) -> Columns:
    """Table → column number → its values in the order of the rows, of the last night."""
    tables: dict[str, list[tuple[Any, ...]]] = {}
    for name, row in rows_of(month.nights[-1] / "lianbot.db"):
        tables.setdefault(name, []).append(row)
    return {
        name: dict(enumerate(zip_longest(*rows, fillvalue=None))) for name, rows in tables.items()
    }


def differences(one: Columns, other: Columns) -> set[tuple[str, int]]:
    """(table, column) whose values differ; -1 where one of the two has no such table."""
    found = {(name, -1) for name in one.keys() ^ other.keys()}
    for name in one.keys() & other.keys():
        found |= {(name, at) for at, values in one[name].items() if other[name][at] != values}
    return found


def shape_of(columns: Columns) -> dict[str, int]:
    return {name: len(found.get(0, ())) for name, found in columns.items()}


def said(month: Month) -> Counter[str]:
    """Log lines without numbers, ports and ids."""
    lines = month.log.read_text(encoding="utf-8").splitlines()
    return Counter(re.sub(r"[0-9a-f]{8}[0-9a-f-]*|\d+(\.\d+)?", "#", line) for line in lines)


def test_what_the_house_keeps_does_not_depend_on_concerns(month_of: Callable[..., Month]) -> None:
    """Same seed, same lessons: only random salts and ids may differ, and they do so without concerns too."""
    quiet, again = (month_of(12, name, concerns=False, **SHORT) for name in ("quiet", "again"))
    busy = month_of(12, "busy", concerns=True, **SHORT)
    assert len(busy.truth) >= SHORT["letters"] - 2  # a day has no more writers than visitors
    by_chance = differences(columns_of(quiet), columns_of(again))
    assert shape_of(columns_of(quiet)) == shape_of(columns_of(again)) == shape_of(columns_of(busy))
    assert differences(columns_of(quiet), columns_of(busy)) <= by_chance | PLATFORMS_OWN
    compared = sum(len(columns) for columns in columns_of(quiet).values())
    assert len(by_chance) < compared / 3  # moments, states, counters and accounts are not random


def test_logs_and_counters_do_not_depend_on_concerns(month_of: Callable[..., Month]) -> None:
    quiet = month_of(12, "quiet", concerns=False, **SHORT)
    busy = month_of(12, "busy", concerns=True, **SHORT)
    assert said(busy) == said(quiet)
    more = {name for name, n in busy.counted.items() if n != quiet.counted.get(name, 0)}
    # that somebody typed something is counted; that somebody opened a page is not
    typed = 'lianbot_callbacks_total{{channel="{}",kind="text"}}'
    assert more <= {typed.format("wecom"), typed.format("official")}


def keeps(
    kinds: frozenset[InboundKind] = frozenset(), words: tuple[str, ...] = ()
) -> Callable[[Any], None]:
    """A build that notes who came, by day: what a helpful statistics page would want."""

    def spoil(stage: Any) -> None:
        for channel in stage.house.channels.values():
            channel.receive = noting(stage, channel.receive, set())

    def noting(stage: Any, sound: Any, running: set[Any]) -> Any:
        def receive(call: Any) -> Any:
            message = sound(call)
            if message.kind in kinds or any(word == message.text for word in words):
                row = AuditRow(action="page.opened", subject=message.account)
                day = stage.house.clock.now().replace(hour=0, minute=0, second=0)
                task = asyncio.ensure_future(stage.house.audit.note(row, None, day))
                running.add(task)
                task.add_done_callback(running.discard)
            return message

        return receive

    return spoil


@pytest.mark.parametrize(
    ("name", "spoil"),
    [("events", keeps(frozenset({InboundKind.DROPPED}))), ("words", keeps(words=TRIGGERS))],
)
def test_a_build_that_keeps_events_or_words_differs(
    month_of: Callable[..., Month], name: str, spoil: Callable[[Any], None]
) -> None:
    quiet = month_of(12, "quiet", concerns=False, **SHORT)
    broken = month_of(12, name, concerns=True, breakage=spoil, **SHORT)
    assert shape_of(columns_of(broken)) != shape_of(columns_of(quiet))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """What one table of the house was worth to the thief."""

    right: int
    tried: int
    allowed: int


def traces(month: Month) -> dict[str, list[set[int]]]:
    """Table → night → the workers that the night's new rows mention by account, number or id."""
    names = names_of(month)
    found: dict[str, list[set[int]]] = {}
    kept: set[tuple[str, tuple[Any, ...]]] = set()
    for number, night in enumerate(month.nights):
        now = set(rows_of(night / "lianbot.db"))
        for table, row in now - kept:
            nights = found.setdefault(table, [set() for _ in month.nights])
            text = " ".join(str(cell) for cell in row)
            nights[number] |= {names[word] for word in CELL.findall(text) if word in names}
        kept = now
    return found


def names_of(month: Month) -> dict[str, int]:
    """Everything that means a worker, in the forms in which it is stored."""
    names: dict[str, int] = {}
    for worker, person in enumerate(month.crowd):
        names |= dict.fromkeys((person.account, person.openid, f"LB-{person.account}"), worker)
    for table, row in rows_of(month.nights[-1] / "lianbot.db"):
        if table == "workers":
            worker = names[row[1]]
            names |= {row[0]: worker, str(UUID(row[0])): worker}
    return names


def guess_by(month: Month, nights: list[set[int]], tables: int) -> Guesses:
    """One guess a letter: somebody of whom the table has something new on the letter's day."""
    chance, seen = random.Random(7), month.letters_by_night()
    right = 0
    for letter in month.truth:
        mentioned = nights[seen[letter.tag]] or set(range(len(month.crowd)))
        right += chance.choice(sorted(mentioned)) == letter.worker
    tried = len(month.truth)
    allowed = binomial_bound(tried, 1 / len(month.crowd), 1 - 0.01 / tables)
    return Guesses(right=right, tried=tried, allowed=allowed)


def best_guess(month: Month) -> dict[str, Guesses]:
    found = traces(month)
    return {table: guess_by(month, nights, len(found)) for table, nights in found.items()}


@pytest.mark.parametrize("count", SIZES)
def test_no_table_of_the_house_helps_to_guess_who_wrote(
    month_of: Callable[..., Month], figures: Any, count: int
) -> None:
    """The thief has a copy of both databases for every night, and tries every table on its own."""
    month = month_of(count, "month", concerns=True)
    guesses = best_guess(month)
    assert {"acknowledgements", "deliveries"} <= guesses.keys()
    best = max(guesses.values(), key=lambda one: one.right - one.allowed)
    figures.keep(f"N={count} house", f"{best.right}/{best.tried}, allowed {best.allowed}")
    assert len(month.truth) >= 35
    assert {table: one for table, one in guesses.items() if one.right > one.allowed} == {}


def test_the_guess_succeeds_where_typed_words_leave_a_row(month_of: Callable[..., Month]) -> None:
    month = month_of(
        12, "kept", concerns=True, days=14, letters=30, breakage=keeps(words=TRIGGERS)
    )
    assert {table for table, one in best_guess(month).items() if one.right > one.allowed} == {
        "audit"
    }


def test_no_word_of_a_letter_or_of_a_chat_lies_in_the_house(
    month_of: Callable[..., Month], searcher: Any
) -> None:
    month = month_of(12, "month", concerns=True)
    # what was typed is searched whole: single words of it stand in the answers' own texts
    words = [word for word in TRIGGERS if len(word) > 4]
    places = [month.nights[-1], *(path for path in (month.folder / "evidence",) if path.exists())]
    assert searcher.find(places, [*words, "后门有人搬东西"]) == []
    assert not any(word in month.log.read_text(encoding="utf-8") for word in words)
