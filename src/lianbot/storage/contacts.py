"""What is known of workers' accounts, read in few statements for a whole chunk: the facts of a choice of way."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.deliveries import Reason
from lianbot.domain.people import Binding, ChannelKind, ClientKind, ConsentPurpose
from lianbot.domain.routing import Contact
from lianbot.domain.ways import Way
from lianbot.storage.columns import AnyRow
from lianbot.storage.tables import bindings, consents, reply_windows, switches

SHUT: Final = "way_shut:"
"""Start of a switch's name: the way to which the account has no right, by the platform's own answer."""


def binding_of(row: AnyRow) -> Binding:
    return Binding(
        worker_id=row.worker_id,
        channel=ChannelKind(row.channel),
        account=row.account,
        client=ClientKind(row.client),
    )


async def contacts(
    connection: AsyncConnection,
    bound: Mapping[UUID, Sequence[AnyRow]],
    now: datetime,
    ways: frozenset[Way],
) -> dict[UUID, Contact]:
    """By worker, for those with rows in `bindings`; `ways` are those that are set up."""
    official = [
        row for rows in bound.values() for row in rows if row.channel == ChannelKind.OFFICIAL
    ]
    agreed = await _consented(connection, [row.worker_id for row in official])
    left = await _left(connection, [row.account for row in official], now)
    available = ways - await shut_ways(connection)
    return {
        worker: Contact(
            bindings=tuple(binding_of(row) for row in rows),
            opted_out=frozenset(ChannelKind(row.channel) for row in rows if row.opted_out),
            broken={
                ChannelKind(row.channel): _reason(row.broken)
                for row in rows
                if row.broken is not None
            },
            template_consent=worker in agreed,
            left={row.account: left[row.account][0] for row in rows if row.account in left},
            open_until={row.account: left[row.account][1] for row in rows if row.account in left},
            available=available,
        )
        for worker, rows in bound.items()
    }


async def contact_of(
    connection: AsyncConnection, workers: Collection[UUID], now: datetime, ways: frozenset[Way]
) -> dict[UUID, Contact]:
    """The same for workers by id; who is bound nowhere has no accounts."""
    rows = await connection.execute(select(bindings).where(bindings.c.worker_id.in_(workers)))
    bound: dict[UUID, list[AnyRow]] = {worker: [] for worker in workers}
    for row in rows:
        bound[row.worker_id].append(row)
    return await contacts(connection, bound, now, ways)


async def shut_ways(connection: AsyncConnection) -> frozenset[Way]:
    """The ways that a refusal for lack of a right has shut until doctor finds it mended."""
    rows = await connection.execute(
        select(switches.c.name).where(switches.c.name.startswith(SHUT, autoescape=True))
    )
    return frozenset(Way(row.name.removeprefix(SHUT)) for row in rows)


def _reason(broken: str) -> Reason:
    """Older rows may hold another word than a reason."""
    try:
        return Reason(broken)
    except ValueError:
        return Reason.NOT_MEMBER


async def _consented(connection: AsyncConnection, workers: Sequence[UUID]) -> frozenset[UUID]:
    if not workers:
        return frozenset()
    rows = await connection.execute(
        select(consents.c.worker_id).where(
            consents.c.worker_id.in_(workers),
            consents.c.channel == ChannelKind.OFFICIAL,
            consents.c.purpose == ConsentPurpose.TEMPLATE,
            consents.c.withdrawn_on.is_(None),
        )
    )
    return frozenset(row.worker_id for row in rows)


async def _left(
    connection: AsyncConnection, accounts: Sequence[str], now: datetime
) -> dict[str, tuple[int, datetime]]:
    """Messages left and the last close, by account."""
    if not accounts:
        return {}
    rows = await connection.execute(
        select(
            reply_windows.c.account,
            func.sum(reply_windows.c.left).label("left"),
            func.max(reply_windows.c.closes_at).label("until"),
        )
        .where(reply_windows.c.account.in_(accounts), reply_windows.c.closes_at > now)
        .group_by(reply_windows.c.account)
    )
    return {row.account: (int(row.left), row.until) for row in rows}
