"""What a batch of answers needs from the rows, and what it becomes: facts in, entries and rows out."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from lianbot.domain.acknowledgements import (
    Answer,
    AnswerFacts,
    AnswerGiven,
    AnswerOutcome,
    CurrentAnswer,
    Method,
    NothingOpen,
    Receipt,
)
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import ANSWERED_BY_ITSELF
from lianbot.domain.codes import Post, Topic
from lianbot.domain.deliveries import DeliveryState
from lianbot.evidence import jcs
from lianbot.evidence.commitments import Via as LedgerVia
from lianbot.evidence.commitments import detail_commitment, quiz_commitment, worker_commitment
from lianbot.evidence.entries import Acknowledged, Shown
from lianbot.evidence.fields import Answer as LedgerAnswer
from lianbot.evidence.fields import Method as LedgerMethod
from lianbot.ports.answers import FollowUp
from lianbot.storage.columns import AnyRow
from lianbot.storage.counting import Bumps, Key
from lianbot.storage.ledger import Appended
from lianbot.storage.tables import (
    accounts,
    acknowledgements,
    deliveries,
    occurrences,
    workers,
)

SPOKEN = (Method.ASSISTED, Method.PAPER)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
TOLD_STATES = (
    DeliveryState.HANDING_OVER.value,
    DeliveryState.ACCEPTED.value,
    DeliveryState.UNKNOWN.value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An answer that will be kept, with all it needs but its place in the ledger."""

    given: AnswerGiven
    facts: AnswerFacts
    follow_up: FollowUp | None
    entry: Acknowledged
    detail: bytes
    detail_salt: bytes
    quiz: bytes | None
    quiz_salt: bytes | None


def delivery_rows(
    connection: Connection, named: Collection[int], unnamed: Collection[UUID], since: datetime
) -> Sequence[AnyRow]:
    """The deliveries meant, with the person's salt and the answer that stands, locked in id order."""
    columns = deliveries.c
    answer = acknowledgements.c
    meant: ColumnElement[bool] = columns.id.in_(named)
    if unnamed:
        meant = or_(
            meant,
            and_(
                columns.worker_id.in_(unnamed),
                occurrences.c.kind.in_(ANSWERED_BY_ITSELF),
                columns.handed_at > since,
                columns.state.in_(TOLD_STATES),
            ),
        )
    _lock(connection, meant)
    rows = connection.execute(
        select(
            columns.id,
            columns.occurrence_id,
            columns.worker_id,
            columns.edition,
            columns.item,
            columns.team_id,
            columns.post,
            columns.topic,
            columns.handed_at,
            columns.state,
            workers.c.salt,
            answer.seq,
            answer.answer,
            answer.method,
            answer.leaf_start,
        )
        .select_from(
            deliveries.join(workers, workers.c.id == columns.worker_id)
            .join(occurrences, occurrences.c.id == columns.occurrence_id)
            .outerjoin(
                acknowledgements, and_(answer.delivery_id == columns.id, answer.current.is_(True))
            )
        )
        .where(meant)
        .order_by(columns.id)
    )
    return rows.all()


def _lock(connection: Connection, meant: ColumnElement[bool]) -> None:
    """Locks the deliveries in id order, in a statement of its own.

    A locking read that had to wait still joins the acknowledgements of its old snapshot (PostgreSQL's
    READ COMMITTED), so two processes would both find no answer and count two. SQLite has one writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    connection.execute(
        select(deliveries.c.id)
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .where(meant)
        .order_by(deliveries.c.id)
        .with_for_update(of=deliveries)
    )


def newest_open(rows: Sequence[AnyRow], worker_id: UUID) -> AnyRow | None:
    """The newest delivery without an answer; when all have one, the newest of them."""
    mine = sorted(
        (row for row in rows if row.worker_id == worker_id),
        key=lambda row: row.handed_at or LONG_AGO,
    )
    return next((row for row in reversed(mine) if row.seq is None), mine[-1] if mine else None)


def salts_of(connection: Connection, people: Collection[UUID]) -> dict[UUID, bytes]:
    """Salts of those who witnessed an answer: leads on the roster, or console accounts."""
    if not people:
        return {}
    found: dict[UUID, bytes] = {}
    for table in (accounts, workers):
        rows = connection.execute(select(table.c.id, table.c.salt).where(table.c.id.in_(people)))
        found |= {row.id: row.salt for row in rows}
    return found


def current_answer(row: AnyRow) -> CurrentAnswer:
    return CurrentAnswer(
        seq=row.seq,
        answer=Answer(row.answer),
        method=Method(row.method),
        leaf_start=row.leaf_start,
    )


def facts_of(row: AnyRow, repeat: CurrentAnswer | None, by_salt: bytes | None) -> AnswerFacts:
    standing = current_answer(row) if row.seq is not None else None
    return AnswerFacts(
        delivery_id=row.id,
        occurrence_id=row.occurrence_id,
        worker_id=row.worker_id,
        worker_salt=row.salt,
        edition=row.edition,
        item=row.item,
        team_id=row.team_id,
        post=Post(row.post),
        topic=Topic(row.topic),
        current=repeat or standing,
        repeat=repeat is not None,
        by_salt=by_salt,
        accepted=row.state == DeliveryState.ACCEPTED,
    )


def make(given: AnswerGiven, facts: AnswerFacts, follow_up: FollowUp | None) -> Made:
    detail_salt, quiz_salt = secrets.token_bytes(32), secrets.token_bytes(32)
    opened: dict[str, jcs.Json] = {
        "msgid": given.msgid,
        "via": given.via.value,
        "wording": given.wording,
    }
    asked: dict[str, jcs.Json] | None = (
        {"final": given.final, "variant": given.quiz}
        if given.quiz is not None and given.final is not None
        else None
    )
    return Made(
        given=given,
        facts=facts,
        follow_up=follow_up,
        entry=Acknowledged(
            worker=worker_commitment(facts.worker_salt, str(facts.worker_id)),
            edition=facts.edition,
            item=facts.item,
            occurrence=str(facts.occurrence_id),
            method=LedgerMethod(given.method),
            answer=LedgerAnswer(given.answer),
            detail=detail_commitment(
                detail_salt, msgid=given.msgid, via=LedgerVia(given.via), wording=given.wording
            ),
            quiz=quiz_commitment(quiz_salt, final=given.final, variant=given.quiz)
            if given.quiz is not None and given.final is not None
            else None,
            by=worker_commitment(facts.by_salt, str(given.by))
            if given.by and facts.by_salt
            else None,
            on=given.on,
        ),
        detail=jcs.canonical(opened),
        detail_salt=detail_salt,
        quiz=jcs.canonical(asked) if asked else None,
        quiz_salt=quiz_salt if asked else None,
    )


def receipt(made: Made, at: Appended) -> Receipt:
    return Receipt(seq=at.seq, leaf_start=at.leaf_start, answer=made.given.answer, repeated=False)


def already(facts: AnswerFacts) -> AnswerOutcome:
    if facts.current is None:
        return NothingOpen()
    current = facts.current
    return Receipt(
        seq=current.seq, leaf_start=current.leaf_start, answer=current.answer, repeated=True
    )


def count(bumps: Bumps, made: Made) -> None:
    facts = made.facts
    key: Key = (facts.occurrence_id, facts.team_id, facts.post, facts.topic)
    if facts.current:
        bumps.add(key, facts.current.answer, -1)
        if facts.current.method in SPOKEN:
            bumps.add(key, "spoken", -1)
    elif not facts.accepted:
        bumps.add(key, "told_otherwise")
    bumps.add(key, made.given.answer)
    if made.given.method in SPOKEN:
        bumps.add(key, "spoken")


def counter_key(row: AnyRow) -> Key:
    return (row.occurrence_id, row.team_id, row.post, row.topic)


def shown_entry(row: AnyRow) -> Shown:
    return Shown(
        worker=worker_commitment(row.salt, str(row.worker_id)),
        edition=row.edition,
        item=row.item,
        occurrence=str(row.occurrence_id),
    )


def detail_row(made: Made, at: Appended) -> dict[str, object]:
    return {
        "seq": at.seq,
        "worker_id": made.facts.worker_id,
        "detail": made.detail,
        "detail_salt": made.detail_salt,
        "quiz": made.quiz,
        "quiz_salt": made.quiz_salt,
    }


def task_row(made: Made, now: datetime) -> dict[str, object]:
    return {
        "delivery_id": made.facts.delivery_id,
        "worker_id": made.facts.worker_id,
        "team_id": made.facts.team_id,
        "kind": made.follow_up,
        "answer": made.given.answer,
        "opened_on": local(now).date(),
    }
