"""Additions and corrections: asked for, decided, and the occurrences they become."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.amendments import Amendment, AmendmentState
from lianbot.domain.campaigns import (
    Approval,
    Audience,
    Campaign,
    CampaignState,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Once,
)
from lianbot.domain.deliveries import Reason
from lianbot.domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from lianbot.domain.people import Account
from lianbot.phrases import corrections as say
from lianbot.ports.control import Ruling, Told
from lianbot.storage.accounts import account_of
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.campaigns import campaign_row, load, write_audience
from lianbot.storage.clearing import WITH_THE_DECISION, SqlClearings, shut_gate, withdraw
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import (
    approve_awaiting,
    edition_of,
    for_another,
    return_awaiting,
)
from lianbot.storage.database import Database
from lianbot.storage.lineage import (
    amendment_of,
    family,
    outdated,
    reached_rows,
    scope,
    touched,
    whole_push_corrected,
)
from lianbot.storage.tables import (
    accounts,
    acknowledgements,
    amendment_approvals,
    amendments,
    campaign_approvals,
    campaigns,
    deliveries,
    editions,
    occurrences,
    workers,
)

AT_ONCE = timedelta(minutes=2)
"""Planned from now on: its lease is one that has run out."""


class SqlAmendmentBook:
    """ports.control.AmendmentBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def push(self, occurrence_id: UUID) -> Occurrence:
        async with self._database.read() as connection:
            return await _occurrence(connection, occurrence_id)

    async def newest(self, campaign_id: UUID) -> Occurrence:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(occurrences.c.id)
                .where(
                    occurrences.c.campaign_id == campaign_id,
                    occurrences.c.kind == OccurrenceKind.PUSH,
                    occurrences.c.state != OccurrenceState.MISSED,
                )
                .order_by(occurrences.c.due_at.desc())
                .limit(1)
            )
            push: UUID | None = found.scalar_one_or_none()
            if push is None:
                raise NotFoundError("这份计划还没有发过，没有可以改的推送")
            return await _occurrence(connection, push)

    async def numbered(self, numbers: Sequence[str]) -> Mapping[str, UUID]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(workers.c.number, workers.c.id).where(
                    workers.c.number.in_(list(numbers)), workers.c.ended.is_(None)
                )
            )
            return {row.number: row.id for row in rows}

    async def told(self, push: UUID, edition: str | None = None) -> Told:
        async with self._database.read() as connection:
            members = await family(connection, push)
            wanted = await scope(connection, push, edition)
            counted = await connection.execute(
                select(func.count(deliveries.c.worker_id.distinct())).where(wanted, reached_rows())
            )
            sent = await connection.execute(
                select(editions)
                .where(
                    editions.c.sha256.in_(
                        select(deliveries.c.edition).where(
                            deliveries.c.occurrence_id.in_(members.tellings)
                        )
                    )
                )
                .order_by(editions.c.item)
            )
            return Told(
                reached=counted.scalar_one(),
                sent=tuple(edition_of(row) for row in sent),
            )

    async def ask(self, amendment: Amendment, now: datetime, *, open_now: bool) -> None:
        async with self._database.write() as connection:
            title = await _title(connection, amendment.campaign_id)
            if open_now:
                await _require_calm(connection, amendment)
            await connection.execute(insert(amendments).values(**_row(amendment)))
            if open_now:
                await _open(connection, amendment, amendment.campaign_id, now)
            note = AuditRow(
                action=f"{amendment.kind}.asked", subject=title, after=_shown(amendment)
            )
            await write_audit(connection, [note], amendment.asked_by, now)

    async def chain(self, campaign_id: UUID, edition: str | None) -> int:
        async with self._database.read() as connection:
            wanted = campaigns.c.id == campaign_id
            if edition is not None:
                rows = await scope(connection, campaign_id, edition)
                sent = select(deliveries.c.occurrence_id).where(rows)
                carried = select(occurrences.c.campaign_id).where(occurrences.c.id.in_(sent))
                wanted = or_(wanted, campaigns.c.id.in_(carried))
            found = await connection.execute(select(func.max(campaigns.c.steps)).where(wanted))
            return int(found.scalar_one())

    async def decide(self, amendment_id: UUID, by: UUID, rule: Ruling, now: datetime) -> Amendment:
        async with self._database.write() as connection:
            await shut_gate(connection)
            kept = await _held(connection, amendment_id)
            ruled = rule(kept, await _acting(connection, by))
            signed = ruled.approvals[len(kept.approvals) :]
            if signed and ruled.notice is not None:
                await for_another(connection, ruled.notice, by)
            if ruled.state is AmendmentState.APPROVED:
                await _require_calm(connection, ruled)
            await connection.execute(
                update(amendments)
                .where(amendments.c.id == ruled.id)
                .values(
                    state=ruled.state,
                    steps=ruled.steps,
                    decided_by=ruled.decided_by,
                    decided_at=ruled.decided_at,
                )
            )
            for one in signed:
                await connection.execute(
                    insert(amendment_approvals).values(amendment_id=ruled.id, **_approval_row(one))
                )
            title = await _title(connection, ruled.campaign_id)
            if ruled.state is AmendmentState.APPROVED:
                await _take_effect(connection, ruled, title, by, now)
            elif ruled.state is AmendmentState.DECLINED and ruled.notice is not None:
                await return_awaiting(connection, ruled.notice, say.NOTICE_DECLINED)
            await write_audit(connection, [_decision(ruled, signed, title)], by, now)
        if ruled.state is AmendmentState.APPROVED:
            await SqlClearings(self._database).look(WITH_THE_DECISION)
        return ruled

    async def get(self, amendment_id: UUID) -> Amendment:
        found = await self._load(amendments.c.id == amendment_id)
        if not found:
            raise NotFoundError(f"没有编号为 {amendment_id} 的补人或更正")
        return found[0]

    async def of(
        self, campaign_id: UUID | None = None, push: UUID | None = None
    ) -> Sequence[Amendment]:
        conditions: list[ColumnElement[bool]] = []
        if campaign_id is not None:
            conditions.append(amendments.c.campaign_id == campaign_id)
        if push is not None:
            conditions.append(amendments.c.amends == push)
        return await self._load(*conditions)

    async def waiting(self) -> Sequence[Amendment]:
        return await self._load(amendments.c.state == AmendmentState.ASKED)

    async def outdated(self, occurrence_id: UUID) -> int:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(func.count())
                .select_from(
                    acknowledgements.join(
                        deliveries, deliveries.c.id == acknowledgements.c.delivery_id
                    )
                )
                .where(
                    deliveries.c.occurrence_id == occurrence_id,
                    acknowledgements.c.current.is_(True),
                    outdated(),
                )
            )
            return int(found.scalar_one())

    async def _load(self, *conditions: ColumnElement[bool]) -> Sequence[Amendment]:
        async with self._database.read() as connection:
            return await _amendments(connection, *conditions)


async def _amendments(
    connection: AsyncConnection, *conditions: ColumnElement[bool]
) -> list[Amendment]:
    """With their approvals, newest first."""
    found = await connection.execute(
        select(amendments).where(*conditions).order_by(amendments.c.asked_at.desc())
    )
    rows = found.all()
    signed = await connection.execute(
        select(amendment_approvals)
        .where(amendment_approvals.c.amendment_id.in_([row.id for row in rows]))
        .order_by(amendment_approvals.c.step)
    )
    steps: dict[UUID, list[Approval]] = {}
    for one in signed:
        steps.setdefault(one.amendment_id, []).append(_approval(one))
    return [amendment_of(row, steps.get(row.id, ())) for row in rows]


def _approval(row: AnyRow) -> Approval:
    return Approval(account_id=row.account_id, step=row.step, at=row.at)


def _approval_row(one: Approval) -> dict[str, Any]:
    return {"step": one.step, "account_id": one.account_id, "at": one.at}


async def _held(connection: AsyncConnection, amendment_id: UUID) -> Amendment:
    """As it stands, and nobody else decides about it until this is committed."""
    await connection.execute(
        select(amendments.c.id).where(amendments.c.id == amendment_id).with_for_update()
    )
    found = await _amendments(connection, amendments.c.id == amendment_id)
    if not found:
        raise NotFoundError(f"没有编号为 {amendment_id} 的补人或更正")
    return found[0]


async def _acting(connection: AsyncConnection, by: UUID) -> Account:
    """The account with the roles it has at this moment: who signed in earlier may have lost one since."""
    row = (
        await connection.execute(
            select(accounts).where(accounts.c.id == by, accounts.c.disabled.is_(False))
        )
    ).first()
    if row is None:
        raise NotAllowedError("这个账号已经停用，请换审核人来批")
    return account_of(row)


async def _require_calm(connection: AsyncConnection, amendment: Amendment) -> None:
    """Holds the push's row. Two additions planned at the same time could both pick the same worker."""
    push = (
        await connection.execute(
            select(occurrences.c.state, whole_push_corrected().label("corrected"))
            .where(occurrences.c.id == amendment.amends)
            .with_for_update()
        )
    ).one()
    if push.state == OccurrenceState.PLANNING:
        raise InvalidInputError("这次推送", "还没排完，等几秒再来")
    if amendment.kind is not OccurrenceKind.ADDITION:
        return
    if push.state not in (OccurrenceState.PLANNED, OccurrenceState.PAUSED):
        raise InvalidInputError("这次推送", "已经停了，不能再补人；请另写一份计划")
    if push.corrected:
        raise InvalidInputError(
            "这次推送", "已经更正过，错的不再发给人；请用改好的内容另写一份计划"
        )
    busy = await connection.execute(
        select(occurrences.c.id).where(
            occurrences.c.amends == amendment.amends,
            occurrences.c.kind == OccurrenceKind.ADDITION,
            occurrences.c.state == OccurrenceState.PLANNING,
        )
    )
    if busy.first() is not None:
        raise InvalidInputError("这次推送", "上一次补人还在排，等几秒再来")


async def _open(
    connection: AsyncConnection, amendment: Amendment, campaign_id: UUID, now: datetime
) -> None:
    """The occurrence of the same id: whoever ticks next plans it, and goes on where somebody died."""
    await connection.execute(
        insert(occurrences).values(
            id=amendment.id,
            campaign_id=campaign_id,
            kind=amendment.kind,
            due_at=now,
            state=OccurrenceState.PLANNING,
            amends=amendment.amends,
            claimed_until=now - AT_ONCE,
        )
    )


async def _take_effect(
    connection: AsyncConnection, amendment: Amendment, title: str, by: UUID, now: datetime
) -> None:
    if amendment.kind is OccurrenceKind.CORRECTION:
        await _send_correction(connection, amendment, title, by, now)
    else:
        await _open(connection, amendment, amendment.campaign_id, now)


async def _send_correction(
    connection: AsyncConnection, amendment: Amendment, title: str, by: UUID, now: datetime
) -> None:
    """A campaign of its own, so that it goes out though the wrong one was stopped; what is still to leave of the
    wrong one never leaves, and what may have left is never sent again."""
    assert amendment.notice is not None  # noqa: S101 - a correction has a notice
    notice = await approve_awaiting(connection, amendment.notice, by, now, amendment.note)
    wrong = (await load(connection, campaigns.c.id == amendment.campaign_id))[0]
    await connection.execute(
        insert(campaigns).values(
            **campaign_row(_campaign_of(amendment, wrong, notice.item, f"更正：{title}"[:60])),
            approved_at=now,
            scanned_until=now,
        )
    )
    await connection.execute(
        insert(campaign_approvals),
        [{"campaign_id": amendment.id, **_approval_row(one)} for one in amendment.approvals],
    )
    await _open(connection, amendment, amendment.id, now)
    await withdraw(
        connection,
        occurrences.c.id.in_(await touched(connection, amendment.amends, amendment.corrects)),
        reason=Reason.SUPERSEDED,
        edition=amendment.corrects,
        amendment=amendment.id,
    )


def _campaign_of(amendment: Amendment, wrong: Campaign, item: str, title: str) -> Campaign:
    return Campaign(
        id=amendment.id,
        title=title,
        audience=Audience(),
        schedule=Once(at=amendment.asked_at),
        items=(item,),
        channels=wrong.channels,
        remind_after_days=None,
        created_by=amendment.asked_by,
        created_at=amendment.asked_at,
        state=CampaignState.APPROVED,
        steps=amendment.steps,
        approvals=(),
        demo=wrong.demo,
    )


async def _occurrence(connection: AsyncConnection, occurrence_id: UUID) -> Occurrence:
    row = (
        await connection.execute(select(occurrences).where(occurrences.c.id == occurrence_id))
    ).first()
    if row is None:
        raise NotFoundError(f"没有编号为 {occurrence_id} 的推送")
    return Occurrence(
        id=row.id,
        campaign_id=row.campaign_id,
        kind=OccurrenceKind(row.kind),
        due_at=row.due_at,
        state=OccurrenceState(row.state),
        planned=row.planned,
        reminds=row.reminds,
        amends=row.amends,
    )


async def _title(connection: AsyncConnection, campaign_id: UUID) -> str:
    found = await connection.execute(
        select(campaigns.c.title).where(campaigns.c.id == campaign_id)
    )
    return str(found.scalar_one())


def _decision(amendment: Amendment, signed: Sequence[Approval], title: str) -> AuditRow:
    """A step of the chain, or the no that ended it."""
    said = AmendmentState.APPROVED if signed else AmendmentState.DECLINED
    step = {"step": len(amendment.approvals), "steps": amendment.steps} if signed else {}
    return AuditRow(
        action=f"{amendment.kind}.{said}",
        subject=title,
        after={**_shown(amendment), "state": str(amendment.state), **step},
    )


def _shown(amendment: Amendment) -> dict[str, object]:
    """What the audit row keeps: what it is about and how many, no names."""
    kept: dict[str, object] = {
        "push": str(amendment.amends),
        "becomes": str(amendment.id),
        "size": amendment.size,
        "note": amendment.note,
    }
    if amendment.audience is not None:
        kept |= {"audience": write_audience(amendment.audience), "beyond": amendment.beyond}
    if amendment.notice is not None:
        kept |= {
            "notice": amendment.notice,
            "corrects": amendment.corrects,
            "material": amendment.material,
        }
    return kept


def _row(amendment: Amendment) -> dict[str, Any]:
    return {
        "id": amendment.id,
        "kind": amendment.kind,
        "campaign_id": amendment.campaign_id,
        "amends": amendment.amends,
        "asked_by": amendment.asked_by,
        "asked_at": amendment.asked_at,
        "state": amendment.state,
        "size": amendment.size,
        "note": amendment.note,
        "audience": write_audience(amendment.audience) if amendment.audience else None,
        "beyond": amendment.beyond,
        "notice": amendment.notice,
        "corrects": amendment.corrects,
        "material": amendment.material,
        "steps": amendment.steps,
        "decided_by": amendment.decided_by,
        "decided_at": amendment.decided_at,
    }
