"""The pilot walk: a few real phones through binding, a push, a tap and a reply; what is seen and what is only said."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, assert_never
from uuid import UUID

from lianbot.domain.acknowledgements import Method
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.errors import InvalidInputError
from lianbot.phrases import pilot as say
from lianbot.ports.clock import Clock
from lianbot.ports.pilot import PilotBook

PHONES = 3
TAPS = (Method.TAP, Method.QUIZ)
REPLIES = (Method.REPLY,)
Facts = dict[str, object]


class Step(StrEnum):
    """In this order, for each phone."""

    BIND = "bind"
    PUSH = "push"
    TAP = "tap"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One step. `facts` come from rows; `said` is what the person at the phone answered, None when nobody did."""

    step: Step
    happened: bool
    seconds: int | None
    facts: Facts
    said: str | None


@dataclass(slots=True, kw_only=True)
class Phone:
    """One worker's phone, by number: neither name nor account goes into the record."""

    number: str
    steps: list[Seen] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The whole record."""

    started: datetime
    ended: datetime
    real: Sequence[str]
    phones: Sequence[Phone]

    @property
    def whole(self) -> bool:
        """Three phones, and every step of each really happened."""
        return len(self.phones) >= PHONES and all(
            one.happened for phone in self.phones for one in phone.steps
        )


class Operator(Protocol):
    """The person who holds the phones."""

    async def tell(self, text: str) -> None: ...

    async def ask(self, question: str, choices: Sequence[str]) -> str | None:
        """One of the choices; None when the question was passed over."""
        ...


Pause = Callable[[float], Awaitable[None]]
Look = Callable[[], Awaitable[Facts | None]]


class Pilot:
    """Waits for rows that the running bot writes; it sends nothing by itself, so nobody's approval is passed by (P5)."""

    def __init__(
        self,
        *,
        book: PilotBook,
        clock: Clock,
        operator: Operator,
        pause: Pause,
        patience: timedelta,
        real: Sequence[str],
    ) -> None:
        self._book = book
        self._clock = clock
        self._operator = operator
        self._pause = pause
        self._patience = patience
        self._real = real

    async def walk(self, numbers: Sequence[str]) -> Walk:
        """Raises InvalidInputError naming a number that is not on the roster, before anything is asked."""
        ids = [await self._known(number) for number in numbers]
        started, seq = self._clock.now(), await self._book.ledger_size()
        phones = [Phone(number=number) for number in numbers]
        for step in Step:
            await self._operator.tell(say.DO[step])
            for phone, worker_id in zip(phones, ids, strict=True):
                await self._operator.tell(say.phone(phone.number))
                phone.steps.append(await self._step(step, worker_id, started, seq))
        return Walk(
            started=started, ended=self._clock.now(), real=tuple(self._real), phones=phones
        )

    async def _known(self, number: str) -> UUID:
        worker_id = await self._book.worker_id(number)
        if worker_id is None:
            raise InvalidInputError(
                "--phone", f"名册上没有工号 {number}：看 lianbot roster export"
            )
        return worker_id

    async def _step(self, step: Step, worker_id: UUID, since: datetime, seq: int) -> Seen:
        """One push goes to all the phones, so everything counts from the beginning of the walk."""
        before = self._clock.now()
        facts = await self._wait(lambda: self._look(step, worker_id, since, seq))
        seconds = int((self._clock.now() - before).total_seconds())
        choices = say.CHOICES.get(step, ())
        said = await self._operator.ask(say.SHOWN[step], choices) if choices else None
        happened = _happened(step, facts)
        await self._operator.tell(say.result(step, happened))
        return Seen(
            step=step,
            happened=happened,
            seconds=seconds if facts is not None else None,
            facts=facts or {},
            said=said,
        )

    async def _look(self, step: Step, worker_id: UUID, since: datetime, seq: int) -> Facts | None:
        match step:
            case Step.BIND:
                return await self._bound(worker_id)
            case Step.PUSH:
                return await self._handed(worker_id, since)
            case Step.TAP:
                return await self._answered(worker_id, since, seq, TAPS)
            case Step.REPLY:
                return await self._answered(worker_id, since, seq, REPLIES)
            case _:
                assert_never(step)

    async def _wait(self, look: Look) -> Facts | None:
        until = self._clock.now() + self._patience
        while True:
            found = await look()
            if found is not None or self._clock.now() >= until:
                return found
            await self._pause(1.0)

    async def _bound(self, worker_id: UUID) -> Facts | None:
        rows = [one for one in await self._book.bound(worker_id) if one.broken is None]
        if not rows:
            return None
        return {"channels": [one.channel.value for one in rows]}

    async def _handed(self, worker_id: UUID, since: datetime) -> Facts | None:
        found = await self._book.handed(worker_id, since)
        if found is None or found.state == DeliveryState.HANDING_OVER:
            return None
        return {
            "channel": found.channel.value,
            "state": found.state,
            "errcode": found.errcode,
        }

    async def _answered(
        self, worker_id: UUID, since: datetime, seq: int, methods: Sequence[str]
    ) -> Facts | None:
        found = await self._book.answered(worker_id, seq, methods)
        if found is None:
            return None
        handed = await self._book.handed(worker_id, since)
        clients = {one.channel.value: one.client for one in await self._book.bound(worker_id)}
        return {
            "method": found.method,
            "answer": found.answer,
            "ledger": found.seq,
            "page_opened": handed is not None and handed.opened_via is not None,
            "client": clients,
        }


def _happened(step: Step, facts: Facts | None) -> bool:
    """A push that the platform refused, or of which nobody knows, has not happened (P1)."""
    if facts is None:
        return False
    return step is not Step.PUSH or facts.get("state") == DeliveryState.ACCEPTED


def record(walk: Walk) -> dict[str, object]:
    """The file: what was seen, what was only said, and plainly what did not happen."""
    return {
        "what": say.TITLE,
        "started": walk.started.isoformat(timespec="seconds"),
        "ended": walk.ended.isoformat(timespec="seconds"),
        "real_platforms": list(walk.real),
        "note": say.HONEST if walk.real else say.REHEARSAL,
        "whole": walk.whole,
        "phones": [
            {
                "number": phone.number,
                "steps": [
                    {
                        "step": one.step.value,
                        "happened": one.happened,
                        "seconds": one.seconds,
                        "seen": one.facts,
                        "said": one.said if one.said is not None else say.NOT_SAID,
                    }
                    for one in phone.steps
                ],
            }
            for phone in walk.phones
        ],
    }
