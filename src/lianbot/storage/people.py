"""Rows of workers to records, and the in-memory snapshot that answers 'who is this?'."""

from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.codes import Level, Post
from lianbot.domain.people import (
    ChannelKind,
    Contractor,
    Employment,
    KnownWorker,
    PreferredTime,
    Site,
    Team,
    Worker,
)
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.tables import bindings, contractors, installation, sites, teams, workers


def worker_of(row: AnyRow) -> Worker:
    return Worker(
        id=row.id,
        number=row.number,
        name=row.name,
        phone=row.phone,
        contractor_id=row.contractor_id,
        team_id=row.team_id,
        site_id=row.site_id,
        posts=tuple(Post(code) for code in row.posts),
        level=Level(row.level),
        employment=Employment(row.employment),
        shift=row.shift,
        preferred=PreferredTime(row.preferred),
        started=row.started,
        ended=row.ended,
        enrolled=row.enrolled,
        posts_changed=row.posts_changed,
        tags=tuple(row.tags),
    )


async def roster_changed(connection: AsyncConnection) -> None:
    """Every process sees at its next look that its snapshot is old."""
    await connection.execute(
        update(installation).values(roster_version=installation.c.roster_version + 1)
    )


PART = 2_000


class Directory:
    """Bound workers by account, in memory; `refresh` reloads only when the roster changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version = 0
        self._known: dict[tuple[ChannelKind, str], KnownWorker] = {}
        self._shared: dict[tuple[ChannelKind, str], tuple[KnownWorker, ...]] = {}
        self._by_id: dict[UUID, KnownWorker] = {}

    def who(self, channel: ChannelKind, account: str) -> KnownWorker | None:
        return self._known.get(_key(channel, account))

    def sharers(self, channel: ChannelKind, account: str) -> tuple[KnownWorker, ...]:
        key = _key(channel, account)
        alone = self._known.get(key)
        return self._shared.get(key) or ((alone,) if alone else ())

    def by_id(self, worker_id: UUID) -> KnownWorker | None:
        return self._by_id.get(worker_id)

    async def refresh(self) -> bool:
        """Whether anything was reloaded."""
        async with self._database.read() as connection:
            version = (
                await connection.execute(select(installation.c.roster_version))
            ).scalar_one()
            if version == self._version:
                return False
            known: dict[tuple[ChannelKind, str], KnownWorker] = {}
            shared: dict[tuple[ChannelKind, str], tuple[KnownWorker, ...]] = {}
            known_posts: dict[tuple[str, ...], tuple[Post, ...]] = {}
            rows = await connection.stream(
                select(
                    bindings.c.channel,
                    bindings.c.account,
                    workers.c.id,
                    workers.c.name,
                    workers.c.posts,
                    workers.c.team_id,
                )
                .join(workers, workers.c.id == bindings.c.worker_id)
                .where(workers.c.ended.is_(None))
                .order_by(workers.c.number)
            )
            # a hundred thousand rows at once would be the largest thing that this process ever holds
            async for part in rows.partitions(PART):
                for row in part:
                    key = _key(ChannelKind(row.channel), row.account)
                    one = _known(row, known_posts)
                    first = known.setdefault(key, one)
                    if first is not one:
                        shared[key] = (*shared.get(key, (first,)), one)
        self._known, self._shared = known, shared
        self._by_id = {one.id: one for one in known.values()}
        self._by_id |= {one.id: one for those in shared.values() for one in those}
        self._version = version
        return True


def _known(row: AnyRow, known_posts: dict[tuple[str, ...], tuple[Post, ...]]) -> KnownWorker:
    codes = tuple(row.posts)
    posts = known_posts.get(codes)
    if posts is None:
        posts = known_posts[codes] = tuple(Post(code) for code in codes)
    return KnownWorker(id=row.id, name=row.name, posts=posts, team_id=row.team_id)


def _key(channel: ChannelKind, account: str) -> tuple[ChannelKind, str]:
    """WeCom gives user ids back in lower case [S67], so they are compared that way; an openid is exact."""
    return channel, account.lower() if channel is ChannelKind.WECOM else account


class PeopleStore:
    """Workers and where they belong, for pages and exports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sites(self) -> list[Site]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(sites).order_by(sites.c.id))
            return [Site(id=row.id, name=row.name) for row in rows]

    async def contractors(self) -> list[Contractor]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(contractors).order_by(contractors.c.id))
            return [Contractor(id=row.id, name=row.name) for row in rows]

    async def teams(self) -> list[Team]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(teams).order_by(teams.c.id))
            return [Team(**row) for row in rows.mappings()]

    async def tags(self) -> list[str]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(workers.c.tags).where(
                    workers.c.ended.is_(None), cast(workers.c.tags, Text) != "[]"
                )
            )
            return sorted({tag for row in rows for tag in row.tags})

    async def workers(
        self, *, team_id: int | None = None, contractor_id: int | None = None
    ) -> list[Worker]:
        """Those who have not left, by number."""
        conditions: list[ColumnElement[bool]] = [workers.c.ended.is_(None)]
        if team_id is not None:
            conditions.append(workers.c.team_id == team_id)
        if contractor_id is not None:
            conditions.append(workers.c.contractor_id == contractor_id)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(workers).where(*conditions).order_by(workers.c.number)
            )
            return [worker_of(row) for row in rows]

    async def worker(self, worker_id: UUID) -> Worker | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(workers).where(workers.c.id == worker_id))
            ).first()
            return worker_of(row) if row else None

    async def bound(self) -> dict[UUID, set[ChannelKind]]:
        """Channels each worker can be reached on (not opted out, not broken)."""
        found: dict[UUID, set[ChannelKind]] = {}
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(bindings).where(
                    bindings.c.opted_out.is_(False), bindings.c.broken.is_(None)
                )
            )
            for row in rows:
                found.setdefault(row.worker_id, set()).add(ChannelKind(row.channel))
        return found

    async def count(self) -> int:
        async with self._database.read() as connection:
            found: int = (
                await connection.execute(
                    select(func.count()).select_from(workers).where(workers.c.ended.is_(None))
                )
            ).scalar_one()
            return found
