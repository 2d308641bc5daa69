"""Bindings over SQL: what an account does in the dialogue, each change whole with its leaf and audit row."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.binding import (
    DIALOGUE_LIFE,
    KEPT_AFTER_UNSUBSCRIBING,
    LOST,
    TRIES_AN_ACCOUNT,
    TRIES_TOGETHER,
    Bindable,
    BindOutcome,
    Claim,
    Dialogue,
    Newcomer,
    Poster,
    Slip,
    Step,
    fits,
)
from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.people import ChannelKind, PreferredTime
from lianbot.evidence.commitments import BindChannel, account_commitment, worker_commitment
from lianbot.evidence.entries import Bound
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.columns import AnyRow
from lianbot.storage.consents import withdraw_all
from lianbot.storage.database import Database
from lianbot.storage.ledger import append
from lianbot.storage.people import roster_changed
from lianbot.storage.roster import bind_accounts
from lianbot.storage.tables import (
    bind_dialogues,
    bind_slips,
    bind_tries,
    bindings,
    newcomers,
    posters,
    teams,
    workers,
)

TOGETHER = bytes(16)
"""The row that counts everybody's tries."""
A_DAY = timedelta(days=1)
POSTERS = select(posters, teams.c.name.label("team")).join(teams, teams.c.id == posters.c.team_id)


class SqlBindBook:
    """ports.binding.BindBook over SQL."""

    def __init__(self, database: Database, origin: str) -> None:
        self._database = database
        self._origin = origin

    async def slip(self, code_hash: bytes) -> Slip | None:
        return await self._slip(bind_slips.c.code_hash == code_hash)

    async def slip_of(self, slip_id: int) -> Slip | None:
        return await self._slip(bind_slips.c.id == slip_id)

    async def _slip(self, condition: ColumnElement[bool]) -> Slip | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(bind_slips).where(condition))).first()
            worker = await bindable(connection, row.worker_id) if row else None
            if row is None or worker is None:
                return None
            return Slip(
                id=row.id,
                worker=worker,
                last_day=row.last_day,
                used_on=row.used_on,
                void_on=row.void_on,
            )

    async def bindable(self, worker_id: UUID) -> Bindable | None:
        async with self._database.read() as connection:
            return await bindable(connection, worker_id)

    async def matching(self, claim: Claim) -> Bindable | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(workers.c.id, workers.c.name, workers.c.phone).where(
                        func.upper(workers.c.number) == claim.number, workers.c.ended.is_(None)
                    )
                )
            ).first()
            if row is None or not fits(claim, name=row.name, phone=row.phone):
                return None
            return await bindable(connection, row.id)

    async def dialogue(self, channel: ChannelKind, account: str, now: datetime) -> Dialogue | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(bind_dialogues).where(
                        *_account(bind_dialogues.c, channel, account), bind_dialogues.c.until > now
                    )
                )
            ).first()
        if row is None:
            return None
        return Dialogue(
            channel=channel,
            account=account,
            step=Step(row.step),
            until=row.until,
            worker_id=row.worker_id,
            slip_id=row.slip_id,
            team_id=row.team_id,
            post=Post(row.post) if row.post else None,
        )

    async def keep_dialogue(self, dialogue: Dialogue) -> None:
        values = {
            "channel": dialogue.channel,
            "account": dialogue.account,
            "step": dialogue.step,
            "worker_id": dialogue.worker_id,
            "slip_id": dialogue.slip_id,
            "team_id": dialogue.team_id,
            "post": dialogue.post,
            "until": dialogue.until,
        }
        async with self._database.write() as connection:
            # those whose time is up go at once: until when they ran says when somebody wrote
            await connection.execute(
                delete(bind_dialogues).where(
                    bind_dialogues.c.until <= dialogue.until - DIALOGUE_LIFE
                )
            )
            dialect = sqlite if self._database.is_sqlite else postgresql
            statement = dialect.insert(bind_dialogues).values(**values)
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["channel", "account"],
                    set_={key: statement.excluded[key] for key in list(values)[2:]},
                )
            )

    async def end_dialogue(self, channel: ChannelKind, account: str) -> None:
        async with self._database.write() as connection:
            await end_dialogue(connection, channel, account)

    async def may_try(self, who: bytes, now: datetime) -> bool:
        hour = now.replace(minute=0, second=0, microsecond=0)
        tries = bind_tries.c
        async with self._database.write() as connection:
            dialect = sqlite if self._database.is_sqlite else postgresql
            # in key order: any other would deadlock two accounts on PostgreSQL
            for key in sorted({who, TOGETHER}):
                await connection.execute(
                    dialect.insert(bind_tries)
                    .values(who=key, hour=hour, times=1)
                    .on_conflict_do_update(
                        index_elements=["who", "hour"], set_={"times": tries.times + 1}
                    )
                )
            rows = await connection.execute(
                select(tries.who, func.sum(tries.times).label("times"))
                .where(tries.who.in_([who, TOGETHER]), tries.hour > now - A_DAY)
                .group_by(tries.who)
            )
            counted = {row.who: row.times for row in rows}
        return bool(counted[who] <= TRIES_AN_ACCOUNT and counted[TOGETHER] <= TRIES_TOGETHER)

    async def bind(
        self,
        channel: ChannelKind,
        account: str,
        worker_id: UUID,
        *,
        slip_id: int | None,
        now: datetime,
    ) -> BindOutcome:
        async with self._database.write() as connection:
            outcome = await bind(
                connection,
                self._origin,
                channel,
                account,
                worker_id,
                slip_id=slip_id,
                by=None,
                now=now,
            )
            await end_dialogue(connection, channel, account)
            return outcome

    async def unbind(
        self,
        channel: ChannelKind,
        account: str,
        worker_id: UUID,
        *,
        by: UUID | None,
        now: datetime,
    ) -> bool:
        async with self._database.write() as connection:
            condition = (
                *_account(bindings.c, channel, account),
                bindings.c.worker_id == worker_id,
            )
            return bool(await unbind(connection, self._origin, condition, by=by, now=now))

    async def set_time(self, worker_id: UUID, preferred: PreferredTime, now: datetime) -> None:
        async with self._database.write() as connection:
            # no audit row: who wants paper only is nobody else's business
            await connection.execute(
                update(workers).where(workers.c.id == worker_id).values(preferred=preferred)
            )

    async def lost(self, channel: ChannelKind, account: str, now: datetime) -> int:
        today = local(now).date()
        async with self._database.write() as connection:
            rows = await connection.execute(
                select(bindings.c.worker_id).where(*_account(bindings.c, channel, account))
            )
            found = list(rows.scalars())
            await connection.execute(
                update(bindings)
                .where(*_account(bindings.c, channel, account))
                .values(broken=LOST[channel], broken_on=_erased_from(channel, today))
            )
            for worker_id in found:
                await withdraw_all(connection, worker_id, channel, today)
            await connection.execute(
                delete(newcomers).where(*_account(newcomers.c, channel, account))
            )
            await end_dialogue(connection, channel, account)
        return len(found)

    async def back(self, channel: ChannelKind, account: str) -> int:
        async with self._database.write() as connection:
            done = await connection.execute(
                update(bindings)
                .where(*_account(bindings.c, channel, account), bindings.c.broken == LOST[channel])
                .values(broken=None, broken_on=None)
            )
            return done.rowcount

    async def forget(self, now: datetime) -> int:
        today = local(now).date()
        old = today - KEPT_AFTER_UNSUBSCRIBING
        async with self._database.write() as connection:
            await connection.execute(delete(bind_dialogues).where(bind_dialogues.c.until <= now))
            await connection.execute(delete(bind_tries).where(bind_tries.c.hour <= now - A_DAY))
            await connection.execute(delete(newcomers).where(newcomers.c.opened_on < old))
            await connection.execute(delete(bind_slips).where(bind_slips.c.last_day < old))
            condition = (bindings.c.broken.is_not(None), bindings.c.broken_on < old)
            return await unbind(connection, self._origin, condition, by=None, now=now)

    async def poster(self, scene: str) -> Poster | None:
        async with self._database.read() as connection:
            row = (await connection.execute(POSTERS.where(posters.c.scene == scene))).first()
            return poster_of(row) if row else None

    async def team(self, team_id: int) -> str:
        async with self._database.read() as connection:
            found = await connection.execute(select(teams.c.name).where(teams.c.id == team_id))
            return found.scalar_one_or_none() or ""

    async def team_posts(self, team_id: int) -> Sequence[Post]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(workers.c.posts).where(
                    workers.c.team_id == team_id, workers.c.ended.is_(None)
                )
            )
            counted = Counter(Post(code) for posts in rows.scalars() for code in posts)
        return [post for post, _ in counted.most_common()]

    async def add_newcomer(self, newcomer: Newcomer) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                delete(newcomers).where(*_account(newcomers.c, newcomer.channel, newcomer.account))
            )
            await connection.execute(
                insert(newcomers).values(
                    id=newcomer.id,
                    channel=newcomer.channel,
                    account=newcomer.account,
                    team_id=newcomer.team_id,
                    post=newcomer.post,
                    name=newcomer.name,
                    opened_on=newcomer.opened_on,
                )
            )
            await end_dialogue(connection, newcomer.channel, newcomer.account)


def _account(columns: object, channel: ChannelKind, account: str) -> Sequence[ColumnElement[bool]]:
    """WeCom gives user ids back in lower case [S67]; openids are compared as they are."""
    stored = columns.account  # type: ignore[attr-defined]  # the columns of any table with both
    same = func.lower(stored) == account.lower() if channel is ChannelKind.WECOM else None
    return (
        columns.channel == channel,  # type: ignore[attr-defined]
        stored == account if same is None else same,
    )


def _erased_from(channel: ChannelKind, today: date) -> date | None:
    """The Official Account asks to erase what is kept of a follower who leaves [S7]; a userid is the roster's."""
    return today if channel is ChannelKind.OFFICIAL else None


def _same(channel: ChannelKind, one: str, other: str) -> bool:
    return one == other or (channel is ChannelKind.WECOM and one.lower() == other.lower())


async def bindable(connection: AsyncConnection, worker_id: UUID) -> Bindable | None:
    row = (
        await connection.execute(
            select(workers, teams.c.name.label("team"))
            .join(teams, teams.c.id == workers.c.team_id)
            .where(workers.c.id == worker_id)
        )
    ).first()
    if row is None:
        return None
    bound = await connection.execute(
        select(bindings.c.channel).where(bindings.c.worker_id == worker_id)
    )
    return bindable_of(row, frozenset(ChannelKind(one) for one in bound.scalars()))


def bindable_of(row: AnyRow, bound: frozenset[ChannelKind] = frozenset()) -> Bindable:
    return Bindable(
        worker_id=row.id,
        number=row.number,
        name=row.name,
        team=row.team,
        post=Post(row.posts[0]),
        ended=row.ended,
        bound=bound,
    )


def poster_of(row: AnyRow) -> Poster:
    return Poster(
        scene=row.scene,
        channel=ChannelKind(row.channel),
        team_id=row.team_id,
        team=row.team,
        url=row.url,
    )


async def end_dialogue(connection: AsyncConnection, channel: ChannelKind, account: str) -> None:
    await connection.execute(
        delete(bind_dialogues).where(*_account(bind_dialogues.c, channel, account))
    )


async def bind(
    connection: AsyncConnection,
    origin: str,
    channel: ChannelKind,
    account: str,
    worker_id: UUID,
    *,
    slip_id: int | None,
    by: UUID | None,
    now: datetime,
    replace: bool = False,
) -> BindOutcome:
    """In the caller's transaction. `replace`: somebody vouches that the former account may give way."""
    today = local(now).date()
    # one at a time for one worker: two phones with the same facts must see each other's binding
    found = (
        await connection.execute(
            select(workers.c.number, workers.c.ended)
            .where(workers.c.id == worker_id)
            .with_for_update()
        )
    ).first()
    if found is None or (found.ended is not None and found.ended <= today):
        return BindOutcome.LEFT
    held = (
        await connection.execute(
            select(bindings.c.account).where(
                bindings.c.worker_id == worker_id, bindings.c.channel == channel
            )
        )
    ).scalars()
    accounts = list(held)
    if any(_same(channel, one, account) for one in accounts):
        return BindOutcome.ALREADY
    if accounts and slip_id is None and not replace:
        return BindOutcome.TAKEN
    if slip_id is not None and not await _use(connection, slip_id, worker_id, today):
        return BindOutcome.SLIP_GONE
    if accounts:
        await withdraw_all(connection, worker_id, channel, today)
    await bind_accounts(connection, origin, channel, {worker_id: account}, now)
    await roster_changed(connection)
    row = AuditRow(
        action="binding.bound",
        subject=found.number,
        before={"channel": channel} if accounts else None,
        after={"channel": channel, "slip": slip_id is not None},
    )
    await write_audit(connection, [row], by, now)
    return BindOutcome.BOUND


async def _use(connection: AsyncConnection, slip_id: int, worker_id: UUID, today: date) -> bool:
    """Whether this phone was the first: the row count decides."""
    slips = bind_slips.c
    done = await connection.execute(
        update(bind_slips)
        .where(
            slips.id == slip_id,
            slips.worker_id == worker_id,
            slips.used_on.is_(None),
            slips.void_on.is_(None),
            slips.last_day >= today,
        )
        .values(used_on=today)
    )
    return bool(done.rowcount)


async def unbind(
    connection: AsyncConnection,
    origin: str,
    condition: Sequence[ColumnElement[bool]],
    *,
    by: UUID | None,
    now: datetime,
) -> int:
    """Ends the bindings that meet `condition`, each with its leaf and audit row; how many there were."""
    rows = (
        await connection.execute(
            select(
                bindings.c.id,
                bindings.c.worker_id,
                bindings.c.channel,
                workers.c.salt,
                workers.c.number,
            )
            .join(workers, workers.c.id == bindings.c.worker_id)
            .where(*condition)
            .with_for_update(of=bindings)
        )
    ).all()
    if not rows:
        return 0
    today = local(now).date()
    for row in rows:
        await withdraw_all(connection, row.worker_id, ChannelKind(row.channel), today)
    await connection.execute(delete(bindings).where(bindings.c.id.in_([row.id for row in rows])))
    await roster_changed(connection)
    audit = [
        AuditRow(action="binding.ended", subject=row.number, before={"channel": row.channel})
        for row in rows
    ]
    await write_audit(connection, audit, by, now)
    await append(connection, origin, await _ended(connection, rows), now)
    return len(rows)


async def _ended(connection: AsyncConnection, rows: Sequence[AnyRow]) -> list[Bound]:
    """`none` ends what a worker was bound to; an account on the other channel is said again."""
    facts = []
    for row in rows:
        worker = worker_commitment(row.salt, str(row.worker_id))
        empty = account_commitment(row.salt, BindChannel.NONE, "")
        facts.append(Bound(worker=worker, channel=BindChannel.NONE, account=empty))
        others = await connection.execute(
            select(bindings.c.channel, bindings.c.account)
            .where(bindings.c.worker_id == row.worker_id)
            .order_by(bindings.c.id)
        )
        for other in others:
            channel = BindChannel(other.channel)
            same = account_commitment(row.salt, channel, other.account)
            facts.append(Bound(worker=worker, channel=channel, account=same))
    return facts
