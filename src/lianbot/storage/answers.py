"""Answers, openings and first answers: facts of a batch in, pure decision, everything down in one transaction."""

import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from lianbot.domain.acknowledgements import (
    AnswerFacts,
    AnswerGiven,
    AnswerOutcome,
    CurrentAnswer,
    FirstAnswer,
    NothingOpen,
    PageShown,
)
from lianbot.domain.errors import LedgerClockError
from lianbot.ports.answers import AlreadyKept, Decide, Keep, NoPlace, NotKeptError
from lianbot.ports.clock import Clock
from lianbot.storage.answer_rows import (
    LONG_AGO,
    Made,
    already,
    count,
    counter_key,
    current_answer,
    delivery_rows,
    detail_row,
    facts_of,
    make,
    newest_open,
    receipt,
    salts_of,
    shown_entry,
    task_row,
)
from lianbot.storage.columns import AnyRow
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.grouping import GroupCommit
from lianbot.storage.ledger import Appended, put
from lianbot.storage.prepared import Prepared
from lianbot.storage.tables import (
    acknowledgements,
    first_answers,
    follow_ups,
    ledger_details,
    openings,
)

log = logging.getLogger("lianbot.answers")
STILL_OPEN = timedelta(days=30)
"""Missed items expire after 30 days; a word typed later means something newer (domain reference §5c)."""


class SqlAnswerBook:
    """ports.answers.AnswerBook over SQL; one writer task a process."""

    def __init__(
        self, database: Database, *, decide: Decide, clock: Clock, origin: str, repeat_key: bytes
    ) -> None:
        self._database = database
        self._decide = decide
        self._clock = clock
        self._origin = origin
        self._repeat_key = repeat_key
        self._answers = GroupCommit(self._commit_answers)
        self._openings = GroupCommit(self._commit_openings)
        self._firsts = GroupCommit(self._commit_firsts)

    async def answer(self, given: AnswerGiven) -> AnswerOutcome:
        try:
            return await self._answers.submit(given)
        except (SQLAlchemyError, OSError, LedgerClockError) as error:
            log.exception("an answer could not be committed")
            raise NotKeptError("没记上，请再点一次") from error

    async def shown(self, shown: PageShown) -> None:
        await self._openings.submit(shown)

    async def first_answer(self, answer: FirstAnswer) -> None:
        await self._firsts.submit(answer)

    async def drain(self) -> None:
        for writer in (self._answers, self._openings, self._firsts):
            await writer.drain()

    def repeat_hash(self, worker_id: UUID, key: str) -> bytes:
        """Keyed, so that a stolen table does not tell who pressed when."""
        message = worker_id.bytes + key.encode()
        return hmac.new(self._repeat_key, message, hashlib.sha256).digest()[:16]

    async def _commit_answers(self, batch: Sequence[AnswerGiven]) -> Sequence[AnswerOutcome]:
        outcomes: dict[int, AnswerOutcome] = {}
        for indices in _one_a_worker(batch):
            found = await self._commit_pass([batch[index] for index in indices])
            outcomes |= dict(zip(indices, found, strict=True))
        return [outcomes[index] for index in range(len(batch))]

    async def _commit_pass(self, batch: Sequence[AnswerGiven]) -> Sequence[AnswerOutcome]:
        now = self._clock.now()
        return await self._database.transact(
            lambda connection: self._write_answers(connection, batch, now)
        )

    def _write_answers(
        self, connection: Connection, batch: Sequence[AnswerGiven], now: datetime
    ) -> Sequence[AnswerOutcome]:
        facts = self._load(connection, batch, now)
        plan = [self._plan(given, mine) for given, mine in zip(batch, facts, strict=True)]
        made = [one for one in plan if isinstance(one, Made)]
        bumps = Bumps()
        for one in made:
            count(bumps, one)
        bumps.put(connection)
        placed = put(connection, self._origin, [one.entry for one in made], now)
        self._keep(connection, made, placed, now)
        found = dict(zip((id(one) for one in made), placed, strict=True))
        return [receipt(one, found[id(one)]) if isinstance(one, Made) else one for one in plan]

    def _plan(self, given: AnswerGiven, facts: AnswerFacts | None) -> "Made | AnswerOutcome":
        decision = self._decide(facts, given)
        if facts is None or isinstance(decision, NoPlace):
            return NothingOpen()
        match decision:
            case AlreadyKept():
                return already(facts)
            case Keep():
                return make(given, facts, decision.follow_up)

    def _load(
        self, connection: Connection, batch: Sequence[AnswerGiven], now: datetime
    ) -> list[AnswerFacts | None]:
        named = {given.delivery_id for given in batch if given.delivery_id is not None}
        unnamed = {given.worker_id for given in batch if given.delivery_id is None}
        rows = delivery_rows(connection, named, unnamed, now - STILL_OPEN)
        by_id = {row.id: row for row in rows}
        newest = {worker: newest_open(rows, worker) for worker in unnamed}
        repeats = self._repeats(connection, batch)
        salts = salts_of(connection, {given.by for given in batch if given.by})
        found: list[AnswerFacts | None] = []
        for given in batch:
            row = (
                newest[given.worker_id]
                if given.delivery_id is None
                else by_id.get(given.delivery_id)
            )
            if row is None or row.worker_id != given.worker_id:
                found.append(None)
                continue
            repeat = repeats.get(self.repeat_hash(given.worker_id, given.repeat_key))
            found.append(facts_of(row, repeat, salts.get(given.by) if given.by else None))
        return found

    def _repeats(
        self, connection: Connection, batch: Sequence[AnswerGiven]
    ) -> dict[bytes, CurrentAnswer]:
        columns = acknowledgements.c
        rows = connection.execute(
            select(
                columns.repeat, columns.seq, columns.answer, columns.method, columns.leaf_start
            ).where(
                columns.worker_id.in_({one.worker_id for one in batch}),
                columns.repeat.in_(
                    [self.repeat_hash(one.worker_id, one.repeat_key) for one in batch]
                ),
            )
        )
        return {bytes(row.repeat): current_answer(row) for row in rows}

    def _keep(
        self,
        connection: Connection,
        made: Sequence[Made],
        placed: Sequence[Appended],
        now: datetime,
    ) -> None:
        if not made:
            return
        corrected = {one.facts.delivery_id for one in made if one.facts.current is not None}
        if corrected:
            connection.execute(
                update(acknowledgements)
                .where(
                    acknowledgements.c.delivery_id.in_(corrected),
                    acknowledgements.c.current.is_(True),
                )
                .values(current=False)
            )
        pairs = list(zip(made, placed, strict=True))
        _ANSWERS.many(connection, [self._row(one, at) for one, at in pairs])
        _DETAILS.many(connection, [detail_row(one, at) for one, at in pairs])
        tasks = [task_row(one, now) for one in made if one.follow_up]
        if tasks:
            connection.execute(insert(follow_ups), tasks)

    def _row(self, made: Made, at: Appended) -> dict[str, object]:
        return {
            "seq": at.seq,
            "delivery_id": made.facts.delivery_id,
            "worker_id": made.facts.worker_id,
            "method": made.given.method,
            "answer": made.given.answer,
            "by_id": made.given.by,
            "on_day": made.given.on,
            "leaf_start": at.leaf_start,
            "current": True,
            "repeat": self.repeat_hash(made.facts.worker_id, made.given.repeat_key),
            "minute": at.minute,
        }

    async def _commit_openings(self, batch: Sequence[PageShown]) -> Sequence[None]:
        now = self._clock.now()
        wanted = {shown.delivery_id: shown for shown in batch}
        await self._database.transact(
            lambda connection: self._write_openings(connection, wanted, now)
        )
        return [None] * len(batch)

    def _write_openings(
        self, connection: Connection, wanted: dict[int, PageShown], now: datetime
    ) -> None:
        rows = delivery_rows(connection, wanted, (), LONG_AGO)
        done = connection.execute(
            select(openings.c.delivery_id).where(openings.c.delivery_id.in_(wanted))
        )
        seen = {row.delivery_id for row in done}
        fresh = [row for row in _as_shown(rows, wanted) if row.id not in seen]
        if fresh:
            self._open(connection, fresh, wanted, now)

    def _open(
        self,
        connection: Connection,
        fresh: Sequence[AnyRow],
        wanted: dict[int, PageShown],
        now: datetime,
    ) -> None:
        connection.execute(
            insert(openings),
            [{"delivery_id": row.id, "via": wanted[row.id].via} for row in fresh],
        )
        bumps = Bumps()
        for row in fresh:
            bumps.add(counter_key(row), "opened")
        bumps.put(connection)
        put(connection, self._origin, [shown_entry(row) for row in fresh], now)

    async def _commit_firsts(self, batch: Sequence[FirstAnswer]) -> Sequence[None]:
        wanted = {answer.delivery_id: answer for answer in reversed(batch)}
        await self._database.transact(lambda connection: _write_firsts(connection, wanted))
        return [None] * len(batch)

    async def wipe_repeats(self, before: datetime) -> int:
        """Keyed hashes older than a day go (design §3)."""
        async with self._database.write() as connection:
            done = await connection.execute(
                update(acknowledgements)
                .where(acknowledgements.c.repeat.is_not(None), acknowledgements.c.minute < before)
                .values(repeat=None)
            )
            return done.rowcount


_ANSWERS = Prepared(insert(acknowledgements))
_DETAILS = Prepared(insert(ledger_details))


def _write_firsts(connection: Connection, wanted: dict[int, FirstAnswer]) -> None:
    rows = delivery_rows(connection, wanted, (), LONG_AGO)
    done = connection.execute(
        select(first_answers.c.delivery_id).where(first_answers.c.delivery_id.in_(wanted))
    )
    seen = {row.delivery_id for row in done}
    fresh = [row for row in _as_shown(rows, wanted) if row.id not in seen]
    bumps = Bumps()
    for row in fresh:
        bumps.add(counter_key(row), "first_asked")
        if wanted[row.id].right:
            bumps.add(counter_key(row), "first_right")
    if fresh:
        connection.execute(
            insert(first_answers),
            [{"delivery_id": row.id, "right": wanted[row.id].right} for row in fresh],
        )
    bumps.put(connection)


def _as_shown(
    rows: Sequence[AnyRow], wanted: Mapping[int, PageShown | FirstAnswer]
) -> list[AnyRow]:
    """The worker's own ones that still carry the text of the page: since it was loaded another may have come."""
    return [
        row
        for row in rows
        if (row.worker_id, row.edition) == (wanted[row.id].worker_id, wanted[row.id].edition)
    ]


def _one_a_worker(batch: Sequence[AnswerGiven]) -> list[list[int]]:
    """Indices in passes that hold each worker once: two taps of one worker must see each other's effect."""
    passes: list[list[int]] = []
    turns: Counter[UUID] = Counter()
    for index, given in enumerate(batch):
        turn = turns[given.worker_id]
        if turn == len(passes):
            passes.append([])
        passes[turn].append(index)
        turns[given.worker_id] += 1
    return passes
