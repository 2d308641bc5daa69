"""The roster over SQL: one version, all or nothing, one audit row a change."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.people import Binding, ChannelKind, ClientKind, Contractor, Site, Team
from lianbot.domain.roster import (
    Joined,
    Left,
    PostMapping,
    RosterChanges,
    RosterMovedError,
    RosterReceipt,
    RosterSnapshot,
    Updated,
    WorkerFacts,
)
from lianbot.evidence.commitments import BindChannel, account_commitment, worker_commitment
from lianbot.evidence.entries import Bound
from lianbot.ports.clock import Clock
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.database import Database
from lianbot.storage.ledger import append
from lianbot.storage.people import worker_of
from lianbot.storage.tables import (
    bindings,
    contractors,
    installation,
    post_words,
    sites,
    teams,
    workers,
)


class SqlRosterStore:
    """ports.roster.RosterStore over SQL."""

    def __init__(self, database: Database, *, clock: Clock, origin: str) -> None:
        self._database = database
        self._clock = clock
        self._origin = origin

    async def snapshot(self) -> RosterSnapshot:
        async with self._database.read() as connection:
            head = (
                await connection.execute(
                    select(installation.c.roster_version, installation.c.last_issued)
                )
            ).one()
            bound = await connection.execute(
                select(bindings).where(bindings.c.channel == ChannelKind.WECOM)
            )
            return RosterSnapshot(
                version=head.roster_version,
                contractors=tuple(
                    Contractor(**row)
                    for row in (await connection.execute(select(contractors))).mappings()
                ),
                teams=tuple(
                    Team(**row) for row in (await connection.execute(select(teams))).mappings()
                ),
                sites=tuple(
                    Site(**row) for row in (await connection.execute(select(sites))).mappings()
                ),
                workers=tuple(
                    worker_of(row)
                    for row in await connection.execute(select(workers).order_by(workers.c.number))
                ),
                bindings=tuple(
                    Binding(
                        worker_id=row.worker_id,
                        channel=ChannelKind(row.channel),
                        account=row.account,
                        client=ClientKind(row.client),
                    )
                    for row in bound
                ),
                last_issued=head.last_issued,
            )

    async def apply(self, changes: RosterChanges, by: UUID) -> RosterReceipt:
        now = self._clock.now()
        async with self._database.write() as connection:
            version = await _take_version(connection, changes)
            await _add_places(connection, changes)
            places = await _Places.read(connection)
            writer = _Writer(connection, places, self._origin, by, now, changes.new_contractors)
            for change in changes.changes:
                match change:
                    case Joined():
                        await writer.join(change)
                    case Updated():
                        await writer.update(change)
                    case Left():
                        await writer.leave(change)
                    case _:
                        assert_never(change)
            await writer.close()
        return RosterReceipt(
            version=version, joined=writer.joined, updated=writer.updated, left=writer.gone
        )

    async def saved_mapping(self, contractors: Sequence[str]) -> PostMapping:
        found: dict[str, dict[str, tuple[Post, ...]]] = {}
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(post_words).where(post_words.c.contractor.in_(list(contractors)))
            )
            for row in rows:
                posts = tuple(Post(code) for code in row.posts)
                found.setdefault(row.contractor, {})[row.word] = posts
        return found

    async def save_mapping(
        self, contractor: str, words: Mapping[str, tuple[Post, ...]], by: UUID
    ) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                delete(post_words).where(
                    post_words.c.contractor == contractor, post_words.c.word.in_(list(words))
                )
            )
            if words:
                await connection.execute(
                    insert(post_words),
                    [
                        {"contractor": contractor, "word": word, "posts": list(posts)}
                        for word, posts in words.items()
                    ],
                )
            await write_audit(
                connection,
                [
                    AuditRow(
                        action="roster.post_words",
                        subject=contractor,
                        after={word: list(posts) for word, posts in words.items()},
                    )
                ],
                by,
                self._clock.now(),
            )


async def _take_version(connection: AsyncConnection, changes: RosterChanges) -> int:
    taken = await connection.execute(
        update(installation)
        .where(installation.c.roster_version == changes.base_version)
        .values(
            roster_version=changes.base_version + 1,
            last_issued=func.max(installation.c.last_issued, changes.last_issued)
            if connection.dialect.name == "sqlite"
            else func.greatest(installation.c.last_issued, changes.last_issued),
        )
    )
    if taken.rowcount == 0:
        raise RosterMovedError("名册在比对之后又变了：请重新比对再导入，这次什么也没有写")
    return changes.base_version + 1


async def _add_places(connection: AsyncConnection, changes: RosterChanges) -> None:
    if changes.new_contractors:
        await connection.execute(
            insert(contractors), [{"name": name} for name in changes.new_contractors]
        )
    if changes.new_sites:
        await connection.execute(insert(sites), [{"name": name} for name in changes.new_sites])
    if changes.new_teams:
        places = await _Places.read(connection)
        await connection.execute(
            insert(teams),
            [
                {
                    "name": team.name,
                    "contractor_id": places.contractors[team.contractor],
                    "site_id": places.sites[team.site],
                }
                for team in changes.new_teams
            ],
        )


class _Places:
    """Ids of contractors, sites and teams by name, as they stand in this transaction."""

    def __init__(
        self,
        contractor_ids: dict[str, int],
        site_ids: dict[str, int],
        team_ids: dict[tuple[str, int, int], int],
    ) -> None:
        self.contractors = contractor_ids
        self.sites = site_ids
        self._teams = team_ids

    @classmethod
    async def read(cls, connection: AsyncConnection) -> "_Places":
        return cls(
            {row.name: row.id for row in await connection.execute(select(contractors))},
            {row.name: row.id for row in await connection.execute(select(sites))},
            {
                (row.name, row.contractor_id, row.site_id): row.id
                for row in await connection.execute(select(teams))
            },
        )

    def columns(self, facts: WorkerFacts) -> dict[str, object]:
        contractor, site = self.contractors[facts.contractor], self.sites[facts.site]
        return {
            "number": facts.number,
            "name": facts.name,
            "phone": facts.phone,
            "contractor_id": contractor,
            "site_id": site,
            "team_id": self._teams[(facts.team, contractor, site)],
            "posts": list(facts.posts),
            "level": facts.level,
            "employment": facts.employment,
            "shift": facts.shift,
            "started": facts.started,
            "tags": list(facts.tags),
        }


class _Writer:
    """Collects one import's rows and writes them in a few statements."""

    def __init__(
        self,
        connection: AsyncConnection,
        places: _Places,
        origin: str,
        by: UUID,
        now: datetime,
        new_contractors: Sequence[str],
    ) -> None:
        self._first_lists = frozenset(new_contractors)
        self._connection = connection
        self._places = places
        self._origin = origin
        self._by = by
        self._now = now
        self._new: list[dict[str, object]] = []
        self._audit: list[AuditRow] = []
        self._wecom: dict[UUID, str] = {}
        self.joined = self.updated = self.gone = 0

    async def join(self, change: Joined) -> None:
        columns = self._places.columns(change.facts)
        if change.facts.contractor not in self._first_lists:
            columns["enrolled"] = local(self._now).date()
        worker_id = change.returning or uuid4()
        if change.returning:
            await self._connection.execute(
                update(workers).where(workers.c.id == worker_id).values(**columns, ended=None)
            )
        else:
            self._new.append(
                {
                    "id": worker_id,
                    "salt": secrets.token_bytes(32),
                    "preferred": "any",
                    "enrolled": None,
                }
                | columns
            )
        self.joined += 1
        self._note("roster.joined", change.facts, worker_id, None)

    async def update(self, change: Updated) -> None:
        before = (
            await self._connection.execute(select(workers).where(workers.c.id == change.worker_id))
        ).one()
        columns = self._places.columns(change.facts)
        if list(before.posts) != columns["posts"]:
            columns["posts_changed"] = local(self._now).date()
        await self._connection.execute(
            update(workers).where(workers.c.id == change.worker_id).values(**columns)
        )
        self.updated += 1
        known = {
            name: _plain(getattr(before, name)) for name in change.fields if hasattr(before, name)
        }
        self._note("roster.updated", change.facts, change.worker_id, known, change.fields)

    async def leave(self, change: Left) -> None:
        await self._connection.execute(
            update(workers).where(workers.c.id == change.worker_id).values(ended=change.on)
        )
        self.gone += 1
        self._audit.append(
            AuditRow(
                action="roster.left",
                subject=change.number,
                after={"on": change.on.isoformat(), "inferred": change.inferred},
            )
        )

    def _note(
        self,
        action: str,
        facts: WorkerFacts,
        worker_id: UUID,
        before: dict[str, object] | None,
        fields: Sequence[str] | None = None,
    ) -> None:
        if facts.wecom is not None:
            self._wecom[worker_id] = facts.wecom
        shown = fields or ("contractor", "team", "site", "posts", "level")
        after = {name: _plain(getattr(facts, name)) for name in shown}
        self._audit.append(
            AuditRow(action=action, subject=facts.number, before=before, after=after)
        )

    async def close(self) -> None:
        if self._new:
            await self._connection.execute(insert(workers), self._new)
        await self._bind()
        await write_audit(self._connection, self._audit, self._by, self._now)

    async def _bind(self) -> None:
        if not self._wecom:
            return
        await bind_accounts(
            self._connection, self._origin, ChannelKind.WECOM, self._wecom, self._now
        )


async def bind_accounts(
    connection: AsyncConnection,
    origin: str,
    channel: ChannelKind,
    wanted: Mapping[UUID, str],
    now: datetime,
) -> int:
    """Makes `wanted` (worker → account) the bindings on that channel, each with its `bind` leaf; how many changed."""
    rows = await connection.execute(
        select(bindings.c.worker_id, bindings.c.account).where(
            bindings.c.worker_id.in_(list(wanted)), bindings.c.channel == channel
        )
    )
    held = {row.worker_id: row.account for row in rows}
    fresh = {worker: account for worker, account in wanted.items() if held.get(worker) != account}
    if not fresh:
        return 0
    await connection.execute(
        delete(bindings).where(
            bindings.c.worker_id.in_(list(fresh)), bindings.c.channel == channel
        )
    )
    await connection.execute(
        insert(bindings),
        [
            {
                "worker_id": worker,
                "channel": channel,
                "account": account,
                "client": "unknown",
                "bound_at": now,
            }
            for worker, account in fresh.items()
        ],
    )
    salts = await connection.execute(
        select(workers.c.id, workers.c.salt).where(workers.c.id.in_(list(fresh)))
    )
    facts = [
        Bound(
            worker=worker_commitment(row.salt, str(row.id)),
            channel=BindChannel(channel),
            account=account_commitment(row.salt, BindChannel(channel), fresh[row.id]),
        )
        for row in salts
    ]
    await append(connection, origin, facts, now)
    return len(fresh)


def _plain(value: object) -> object:
    """What JSON can hold."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return str(value)
