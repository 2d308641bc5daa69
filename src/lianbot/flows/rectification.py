"""整改: raised → an owner, a verifier and a day → evidence → 销号, sent back, or opened again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from lianbot.domain.calendar import local
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Contractor, Role, Team
from lianbot.domain.rectification import (
    SMALLEST_UNIT,
    TITLE_MOST,
    Charge,
    ProposalKind,
    Rectification,
    RectificationSource,
    charge,
    close,
    draft,
    drop,
    names_nobody,
    reopen,
    send_back,
    show_done,
)
from lianbot.ports.answers import FollowUp
from lianbot.ports.clock import Clock
from lianbot.ports.desk import Dimension, Standing, Task
from lianbot.ports.rectification import (
    Kept,
    ProposalBook,
    RectificationBook,
    RectificationStep,
)

LESSON_MOST = 300


class Places(Protocol):
    """Teams and companies by name."""

    async def contractors(self) -> list[Contractor]: ...

    async def teams(self) -> list[Team]: ...


class Crowd(Protocol):
    """How many people belong where."""

    async def standing(self, dimension: Dimension) -> dict[str, Standing]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a form asks to put into the ledger."""

    title: str
    measure: str
    source: RectificationSource
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What the officer lets out of the sealed desk: own words, and the floor that was declared.

    `floor` is `alike` (three of a kind), `old` (sixty days), or `own` for what the officer saw without any letter.
    It is looked at and not kept: beside an item it would say whether there were letters.
    """

    kind: str
    text: str
    floor: str
    unit: str = ""


class RectificationDesk:
    """The acts of the ledger."""

    def __init__(
        self,
        *,
        book: RectificationBook,
        proposals: ProposalBook,
        places: Places,
        crowd: Crowd,
        clock: Clock,
    ) -> None:
        self._book = book
        self._proposals = proposals
        self._places = places
        self._crowd = crowd
        self._clock = clock

    async def units(self) -> list[str]:
        """Teams and companies of five people and more, by name."""
        teams = await self._crowd.standing(Dimension.TEAM)
        companies = await self._crowd.standing(Dimension.CONTRACTOR)
        named: list[tuple[str, Mapping[str, Standing], int]] = [
            *((one.name, companies, one.id) for one in await self._places.contractors()),
            *((one.name, teams, one.id) for one in await self._places.teams()),
        ]
        none = Standing()
        found = [
            name
            for name, crowd, key in named
            if crowd.get(str(key), none).on_roster >= SMALLEST_UNIT
        ]
        return list(dict.fromkeys(found))

    async def raise_item(self, wish: Wish, by: Account) -> Rectification:
        """A draft. What comes from the officer's letters goes through `from_officer` alone."""
        item = await self._draft(wish, by)
        return await self._book.add(item, _step("raised"), by.id, self._clock.now())

    async def from_task(self, task: Task, wish: Wish, by: Account) -> Rectification:
        """做不到 and 不同意 become a draft for the department, and the 待办 is closed with its number (P8)."""
        if task.kind is not FollowUp.REVIEW or not by.may(Role.REVIEWER):
            raise NotAllowedError("只有审核人能把“不同意”“做不到”转成整改")
        who = (task.worker_name, task.worker_number)
        for place, text in (("问题", wish.title), ("怎么改", wish.measure)):
            names_nobody(place, text, who)
        item = await self._draft(wish, by)
        return await self._book.add(
            item, _step("raised"), by.id, self._clock.now(), closes_task=task.id
        )

    async def from_officer(self, said: OwnWords, by: Account, mark: bytes) -> Rectification | None:
        """A rectification draft, or None when it became a proposal for a lesson."""
        if said.floor not in ("alike", "old", "own"):
            raise InvalidInputError("依据", "来自意见箱的要同类满 3 件或满 60 天才能提，请先选明")
        if said.kind == "lesson":
            await self._propose(said, mark)
            return None
        if said.kind != "rectify":
            raise InvalidInputError("提什么", "只能提整改事项或课的建议")
        wish = Wish(
            title=_first_line(said.text),
            measure=said.text,
            source=RectificationSource.OFFICER,
            unit=said.unit,
        )
        return await self.raise_item(wish, by)

    async def _propose(self, said: OwnWords, mark: bytes) -> None:
        text = said.text.strip()
        if not text or len(text) > LESSON_MOST:
            raise InvalidInputError("用自己的话写", f"要写，最多 {LESSON_MOST} 个字")
        await self._check_unit(said.unit)
        kept = await self._proposals.keep(
            ProposalKind.LESSON, text, on=self._today(), mark=mark, worker_id=None
        )
        if kept is not Kept.NOW:
            raise InvalidInputError("课的建议", "这一条已经提过，或者今天收满了；没有再记")

    async def charge(self, number: int, to: Charge, by: Account, note: str) -> Rectification:
        item = charge(await self._book.get(number), to, self._today())
        said = f"责任人 {to.owner.display}，验收人 {to.verifier.display}，期限 {to.due}"
        step = _step("charged", f"{said}。{note}" if note else said)
        return await self._book.save(item, step, by.id, self._clock.now())

    async def show_done(self, number: int, evidence: str, by: Account) -> Rectification:
        item = show_done(await self._book.get(number), evidence, by)
        return await self._book.save(item, _step("done", item.evidence), by.id, self._clock.now())

    async def close(self, number: int, by: Account, note: str) -> Rectification:
        item = close(await self._book.get(number), by, self._today())
        return await self._book.save(item, _step("closed", note), by.id, self._clock.now())

    async def send_back(self, number: int, by: Account, why: str) -> Rectification:
        item = send_back(await self._book.get(number), by, why)
        return await self._book.save(item, _step("returned", why), by.id, self._clock.now())

    async def reopen(self, number: int, due: date, why: str, by: Account) -> Rectification:
        item = reopen(await self._book.get(number), due, why, self._today())
        return await self._book.save(item, _step("reopened", why), by.id, self._clock.now())

    async def drop(self, number: int, why: str, by: Account) -> Rectification:
        item = drop(await self._book.get(number), why)
        return await self._book.save(item, _step("dropped", why), by.id, self._clock.now())

    async def _draft(self, wish: Wish, by: Account) -> Rectification:
        await self._check_unit(wish.unit)
        return draft(
            wish.title, wish.measure, wish.source, unit=wish.unit, by=by, today=self._today()
        )

    async def _check_unit(self, unit: str) -> None:
        if unit and unit not in await self.units():
            raise InvalidInputError(
                "点名的单位", f"不能点名不到 {SMALLEST_UNIT} 个人的单位；可以不点名"
            )

    def _today(self) -> date:
        return local(self._clock.now()).date()


def read_own_words(raw: bytes) -> OwnWords:
    """The file that the officer's tool made with `propose`; raises InvalidInputError with the mend."""
    try:
        found = json.loads(raw)
        if found["v"] != 1:
            raise ValueError(found["v"])
        fields = [found[name] for name in ("kind", "text", "floor", "unit")]
        if "\x00" in "".join(fields):
            raise ValueError  # PostgreSQL takes no NUL
        for one in fields:
            one.encode()  # half of a surrogate pair is valid in JSON and in no database
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInputError(
            "建议文件", "不是离线工具做的建议文件（officer propose 或“提整改或课的建议”）"
        ) from error
    kind, text, floor, unit = fields
    return OwnWords(kind=kind, text=text, floor=floor, unit=unit)


def _first_line(text: str) -> str:
    """The first sentence as a title, cut where it is too long for one."""
    first = text.strip().partition("\n")[0].partition("。")[0]
    return first if len(first) <= TITLE_MOST else f"{first[: TITLE_MOST - 1]}…"


def account_of(accounts: list[Account], wanted: UUID | None) -> Account | None:
    """The account of that id among those that are not disabled."""
    return next((one for one in accounts if one.id == wanted), None)


def _step(act: str, note: str = "") -> RectificationStep:
    return RectificationStep(act=act, note=note.strip())
