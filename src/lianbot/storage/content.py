"""Editions as published, their approval, media, and the shelves of courses."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, insert, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.codes import ItemType, Level, Post, Topic
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from lianbot.domain.items import Edition, EditionState, Quiz
from lianbot.evidence.entries import EditionPublished
from lianbot.phrases import approvals as say
from lianbot.ports.desk import AuditRow
from lianbot.ports.desk import StoredEdition as StoredEdition
from lianbot.storage.audit import write_audit
from lianbot.storage.claims import take_turn
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.ledger import append
from lianbot.storage.listing import one_of
from lianbot.storage.tables import (
    audit,
    deliveries,
    editions,
    media,
    shelves,
    topic_counts,
)

NOTE_LENGTH = 120
"""As many characters as the column holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An edition on its way in: its bytes, and what is kept beside them."""

    sha256: str
    body: bytes
    item: str
    type: ItemType
    title: str
    topic: Topic
    meta: dict[str, Any]


class ContentStore:
    """Editions are immutable; approving one changes no byte and no hash."""

    def __init__(self, database: Database, origin: str) -> None:
        self._database = database
        self._origin = origin

    async def publish(
        self, publications: Sequence[Publication], by: UUID | None, now: datetime
    ) -> list[str]:
        """Stores what is new, all or nothing, each with its ledger leaf; says the new hashes in order."""
        async with self._database.write() as connection:
            known = await connection.execute(
                select(editions.c.sha256).where(
                    editions.c.sha256.in_([one.sha256 for one in publications])
                )
            )
            seen = {row.sha256 for row in known}
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            made: set[str] = set()
            # in one order for all processes; what another one publishes at this instant is its news
            for one in sorted(publications, key=lambda one: one.sha256):
                if one.sha256 in seen:
                    continue
                inserted = await connection.execute(
                    dialect.insert(editions)
                    .values(
                        sha256=one.sha256,
                        item=one.item,
                        type=one.type,
                        title=one.title,
                        topic=one.topic,
                        body=one.body,
                        meta=one.meta,
                        state=EditionState.AWAITING,
                        published_at=now,
                        published_by=by,
                    )
                    .on_conflict_do_nothing()
                )
                if inserted.rowcount:
                    made.add(one.sha256)
            fresh = [one for one in publications if one.sha256 in made]
            if not fresh:
                return []
            facts = [EditionPublished(edition=one.sha256, item=one.item) for one in fresh]
            await append(connection, self._origin, facts, now)
            return [one.sha256 for one in fresh]

    async def keep_media(self, found: Mapping[str, tuple[str, bytes]]) -> None:
        """Media by hash; known ones are left alone."""
        async with self._database.write() as connection:
            known = await connection.execute(
                select(media.c.sha256).where(media.c.sha256.in_(list(found)))
            )
            seen = {row.sha256 for row in known}
            rows = [
                {"sha256": sha, "name": name, "body": body}
                for sha, (name, body) in found.items()
                if sha not in seen
            ]
            if rows:
                await connection.execute(insert(media), rows)

    async def adopt(
        self, hashes: Sequence[str], by: UUID, now: datetime, note: str, legal: str = ""
    ) -> None:
        """A named reviewer approves editions, all or none; each becomes the current one of its item, with
        its questions. `legal`: who checked the clauses, written beside those that refer to a law.

        Raises NotFoundError for what does not await approval, NotAllowedError when the reviewer published one
        of them (P5), and InvalidInputError when one refers to a law and nobody but its author has checked it.
        """
        legal = " ".join(legal.split())
        async with self._database.write() as connection:
            # a claim that is being written is committed first, and what it leased is found and taken back
            await connection.run_sync(take_turn)
            rows = await _awaiting(connection, hashes)
            for row in rows:
                if row.published_by == by:
                    raise NotAllowedError(f"{row.item}：发布的人不能自己审核，请另一位审核人来批")
            _require_legal([row for row in rows if row.meta.get("legal")], legal)
            notes = {
                row.sha256: say.noted(note, legal if row.meta.get("legal") else "") for row in rows
            }
            for row in rows:
                await _approve(connection, row, by, now, notes[row.sha256])
            approved = [
                AuditRow(
                    action="content.approved",
                    subject=f"{row.item} {row.title}",
                    after={"edition": row.sha256, "note": notes[row.sha256]},
                )
                for row in rows
            ]
            await write_audit(connection, approved, by, now)

    async def send_back(self, sha256: str, by: UUID, now: datetime, note: str) -> None:
        """ports.desk.ContentDesk.send_back."""
        if not note.strip():
            raise InvalidInputError("说明", "退回要写一句为什么、改哪里，写的人好改")
        async with self._database.write() as connection:
            (row,) = await _awaiting(connection, [sha256])
            if row.published_by == by:
                raise NotAllowedError(f"{row.item}：发布的人不能自己审核，请另一位审核人来批")
            await connection.execute(
                update(editions)
                .where(editions.c.sha256 == sha256)
                .values(state=EditionState.RETURNED, approval_note=note.strip()[:NOTE_LENGTH])
            )
            returned = AuditRow(
                action="content.returned",
                subject=f"{row.item} {row.title}",
                after={"edition": sha256, "note": note.strip()[:NOTE_LENGTH]},
            )
            await write_audit(connection, [returned], by, now)

    async def current(self, items: Sequence[str]) -> dict[str, Edition]:
        """ports.planning.Shelf.current."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(editions).where(
                    and_(
                        editions.c.item.in_(list(items)),
                        editions.c.current.is_(True),
                        editions.c.state == EditionState.APPROVED,
                    )
                )
            )
            return {row.item: edition_of(row) for row in rows}

    async def approved_answers(self) -> dict[Topic, frozenset[str]]:
        """The approved texts of FAQ items by topic: what may be shown to a worker (P5)."""
        found: dict[Topic, set[str]] = {}
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(editions.c.topic, editions.c.meta).where(
                    editions.c.type == ItemType.FAQ,
                    editions.c.current.is_(True),
                    editions.c.state == EditionState.APPROVED,
                )
            )
            for row in rows:
                found.setdefault(Topic(row.topic), set()).add(row.meta["text"].strip())
        return {topic: frozenset(texts) for topic, texts in found.items()}

    async def count_topics(self, day: date, asked: Mapping[Topic, int]) -> None:
        """Adds to the day's counts; the caller hands in only what is large enough to keep."""
        async with self._database.write() as connection:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            # every process adds its own at the day's end: in one order, and the first row may be another's
            for topic, times in sorted(asked.items()):
                await connection.execute(
                    dialect.insert(topic_counts)
                    .values(day=day, topic=topic, times=times)
                    .on_conflict_do_update(
                        index_elements=[topic_counts.c.day, topic_counts.c.topic],
                        set_={"times": topic_counts.c.times + times},
                    )
                )

    async def all(self) -> list[StoredEdition]:
        """Every edition but questions, by item and newest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(editions)
                .where(editions.c.type != ItemType.QUIZ)
                .order_by(editions.c.item, editions.c.published_at.desc())
            )
            return [_stored(row) for row in rows]

    async def get(self, sha256: str) -> StoredEdition:
        """Raises NotFoundError."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(editions).where(editions.c.sha256 == sha256))
            ).first()
        if row is None:
            raise NotFoundError(f"没有版本 {sha256[:12]}")
        return _stored(row)

    async def publication(self, sha256: str) -> Publication:
        """An edition as it came in, to make another of it. Raises NotFoundError."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(editions).where(editions.c.sha256 == sha256))
            ).first()
        if row is None:
            raise NotFoundError(f"没有版本 {sha256[:12]}")
        return Publication(
            sha256=row.sha256,
            body=row.body,
            item=row.item,
            type=ItemType(row.type),
            title=row.title,
            topic=Topic(row.topic),
            meta=row.meta,
        )

    async def quizzes(self, hashes: Iterable[str]) -> dict[str, Quiz]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(editions).where(editions.c.sha256.in_(list(hashes)))
            )
            return {row.sha256: quiz_of(row) for row in rows}

    async def media_body(self, sha256: str) -> tuple[str, bytes] | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(media).where(media.c.sha256 == sha256))).first()
            return (row.name, row.body) if row else None

    async def media_of(self, sha256: str) -> list[tuple[str, str]]:
        """Hash and file name of the media that an edition names."""
        async with self._database.read() as connection:
            body = (
                await connection.execute(
                    select(editions.c.body).where(editions.c.sha256 == sha256)
                )
            ).scalar_one_or_none()
        named = json.loads(body).get("media", []) if body else []
        return [(one["sha256"], one["name"]) for one in named]

    async def shelves(self) -> list[str]:
        """Names of the courses."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(shelves.c.shelf).distinct().order_by(shelves.c.shelf)
            )
            return [row.shelf for row in rows]

    async def bodies(self) -> dict[str, bytes]:
        """Every edition's and medium's bytes by hash, for a bundle."""
        async with self._database.read() as connection:
            return {
                row.sha256: row.body
                for table in (editions, media)
                for row in await connection.execute(select(table.c.sha256, table.c.body))
            }

    async def course(self, shelf: str) -> dict[tuple[str, str], tuple[str, ...]]:
        """ports.planning.Shelf.course."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(shelves).where(shelves.c.shelf == shelf).order_by(shelves.c.position)
            )
            found: dict[tuple[str, str], list[str]] = {}
            for row in rows:
                found.setdefault((row.post, row.level), []).append(row.item)
        return {key: tuple(items) for key, items in found.items()}

    async def keep_course(
        self, shelf: str, order: Mapping[tuple[str, str], Sequence[str]]
    ) -> None:
        """Replaces the shelf as a whole."""
        async with self._database.write() as connection:
            await _replace_shelf(connection, shelf, order)

    async def propose_courses(self, mark: str, by: UUID | None, now: datetime) -> None:
        """Writes down who put exactly this order forward."""
        async with self._database.write() as connection:
            row = AuditRow(action="courses.proposed", subject=mark)
            await write_audit(connection, [row], by, now)

    async def adopt_courses(
        self,
        found: Mapping[str, Mapping[tuple[str, str], Sequence[str]]],
        mark: str,
        by: UUID,
        now: datetime,
    ) -> None:
        """All shelves at once, in one transaction with the audit row.

        Raises NotFoundError when this order was not proposed, NotAllowedError when the reviewer proposed it.
        """
        async with self._database.write() as connection:
            proposed = await connection.execute(
                select(audit.c.account_id)
                .where(audit.c.action == "courses.proposed", audit.c.subject == mark)
                .order_by(audit.c.id.desc())
                .limit(1)
            )
            row = proposed.first()
            if row is None:
                raise NotFoundError(
                    "这个课程顺序还没有人发布过，请编辑先运行 lianbot content publish"
                )
            if row.account_id == by:
                raise NotAllowedError("发布的人不能自己审核课程顺序，请另一位审核人来批")
            for shelf, order in found.items():
                await _replace_shelf(connection, shelf, order)
            adopted = AuditRow(
                action="courses.adopted", subject=mark, after={"shelves": sorted(found)}
            )
            await write_audit(connection, [adopted], by, now)


async def approve_awaiting(
    connection: AsyncConnection, sha256: str, by: UUID, now: datetime, note: str
) -> Edition:
    """The one edition, approved in the transaction of what it is approved for; as it is when it was already.

    Raises as `for_another` does.
    """
    row = await for_another(connection, sha256, by)
    if row.state == EditionState.AWAITING:
        await _approve(connection, row, by, now, note[:120])
    return edition_of(row)


async def for_another(connection: AsyncConnection, sha256: str, by: UUID) -> AnyRow:
    """The edition's row, held, for somebody who did not publish it.

    Raises NotFoundError, NotAllowedError when `by` published it (P5), InvalidInputError when it was sent back.
    """
    row = (
        await connection.execute(
            select(editions).where(editions.c.sha256 == sha256).with_for_update()
        )
    ).first()
    if row is None:
        raise NotFoundError(f"没有版本 {sha256[:12]}")
    if row.published_by == by:
        raise NotAllowedError(f"{row.item}：发布的人不能自己审核，请另一位审核人来批")
    if row.state == EditionState.RETURNED:
        raise InvalidInputError(row.item, "审核人退回了，不能再批；请不批这一份，另写一份")
    return row


async def return_awaiting(connection: AsyncConnection, sha256: str, note: str) -> None:
    """What it was written for was declined: nobody has to look at the edition any more."""
    await connection.execute(
        update(editions)
        .where(editions.c.sha256 == sha256, editions.c.state == EditionState.AWAITING)
        .values(state=EditionState.RETURNED, approval_note=note)
    )


def _require_legal(rows: Sequence[AnyRow], legal: str) -> None:
    """Domain reference §7a: what refers to a law has a legal reviewer, who is not its author."""
    if rows and not legal:
        raise InvalidInputError(say.LEGAL_FIELD, say.legal_missing([row.item for row in rows]))
    if rows and len(legal) > say.LEGAL_LENGTH:
        raise InvalidInputError(say.LEGAL_FIELD, say.LEGAL_TOO_LONG)
    for row in rows:
        if _plain(legal) == _plain(row.meta.get("author", "")):
            raise InvalidInputError(f"{row.item} {say.LEGAL_FIELD}", say.LEGAL_IS_AUTHOR)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


async def _awaiting(connection: AsyncConnection, hashes: Sequence[str]) -> list[AnyRow]:
    """In the order named, held until the transaction ends."""
    found = await connection.execute(
        select(editions).where(editions.c.sha256.in_(list(hashes))).with_for_update()
    )
    by_hash = {row.sha256: row for row in found}
    for sha256 in hashes:
        row = by_hash.get(sha256)
        if row is None:
            raise NotFoundError(f"没有版本 {sha256[:12]}，请先运行 lianbot content publish")
        if row.state != EditionState.AWAITING:
            raise NotFoundError(f"{row.item}：版本 {sha256[:12]} 不是待审，已经有人处理过")
    return [by_hash[sha256] for sha256 in dict.fromkeys(hashes)]


async def _approve(
    connection: AsyncConnection, row: AnyRow, by: UUID, now: datetime, note: str
) -> None:
    wanted = [row.sha256, *row.meta.get("quizzes", [])]
    items = await connection.execute(select(editions.c.item).where(editions.c.sha256.in_(wanted)))
    await connection.execute(
        update(editions)
        .where(editions.c.item.in_([one.item for one in items]))
        .values(current=False)
    )
    await connection.execute(
        update(editions)
        .where(editions.c.sha256.in_(wanted))
        .values(
            state=EditionState.APPROVED,
            current=True,
            approved_by=by,
            approved_at=now,
            approval_note=note[:NOTE_LENGTH],
        )
    )
    if row.meta.get("material", True):
        await _take_back(connection, row)


async def _take_back(connection: AsyncConnection, newest: AnyRow) -> None:
    """What a sender has in its hands goes back before it begins, and the bytes of lost answers are forgotten: no
    older text of the item leaves or is repeated from now on (docs/decisions/0006)."""
    before = select(editions.c.sha256).where(
        editions.c.item == newest.item,
        editions.c.sha256 != newest.sha256,
        editions.c.state == EditionState.APPROVED,
    )
    if (await connection.execute(before.limit(1))).first() is None:
        return
    columns = deliveries.c
    older = and_(columns.item == newest.item, columns.edition != newest.sha256)
    for state, changes in _TAKEN_BACK.items():
        held = columns.claimed_by.is_not(None) if state is DeliveryState.PLANNED else true()
        # in id order, as senders lock them: any other deadlocks on PostgreSQL
        rows = await connection.execute(
            select(columns.id)
            .where(columns.state == state, held, older)
            .order_by(columns.id)
            .with_for_update()
        )
        if ids := rows.scalars().all():
            await connection.execute(
                update(deliveries).where(one_of(columns.id, ids)).values(**changes)
            )


_TAKEN_BACK: dict[DeliveryState, dict[str, Any]] = {
    DeliveryState.PLANNED: {"claimed_by": None, "claimed_until": None},
    DeliveryState.UNKNOWN: {
        "body": None,
        "shared_body": None,
        "claimed_by": None,
        "claimed_until": None,
    },
}


async def _replace_shelf(
    connection: AsyncConnection, shelf: str, order: Mapping[tuple[str, str], Sequence[str]]
) -> None:
    rows = [
        {"shelf": shelf, "post": post, "level": level, "position": position, "item": item}
        for (post, level), items in order.items()
        for position, item in enumerate(items)
    ]
    await connection.execute(delete(shelves).where(shelves.c.shelf == shelf))
    if rows:
        await connection.execute(insert(shelves), rows)


def _stored(row: AnyRow) -> StoredEdition:
    return StoredEdition(
        edition=edition_of(row),
        published_at=row.published_at,
        published_by=row.published_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        approval_note=row.approval_note,
        current=row.current,
        picture_brief=row.meta.get("picture_brief", ""),
        legal=tuple(row.meta.get("legal", ())),
    )


def edition_of(row: AnyRow) -> Edition:
    meta = row.meta
    return Edition(
        sha256=row.sha256,
        item=row.item,
        type=ItemType(row.type),
        title=row.title,
        text=meta["text"],
        tag=meta.get("tag", ""),
        topic=Topic(row.topic),
        posts=tuple(Post(code) for code in meta.get("posts", [])),
        levels=tuple(Level(code) for code in meta.get("levels", [])),
        quizzes=tuple(meta.get("quizzes", [])),
        voice_script=meta.get("voice_script", ""),
        valid_from=_day(meta.get("valid_from")),
        valid_until=_day(meta.get("valid_until")),
        author=meta.get("author", ""),
        version=meta.get("version", 1),
        material=meta.get("material", True),
        state=EditionState(row.state),
        picture=meta.get("picture", ""),
        picture_text=meta.get("picture_text", ""),
        voice=meta.get("voice", ""),
        slow_voice=meta.get("slow_voice", ""),
        synthetic=meta.get("synthetic", False),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def quiz_of(row: AnyRow) -> Quiz:
    meta = row.meta
    return Quiz(
        sha256=row.sha256,
        item=row.item,
        stem=meta["text"],
        options=tuple(meta["options"]),
        answer=meta["answer"],
        why=meta["why"],
    )
