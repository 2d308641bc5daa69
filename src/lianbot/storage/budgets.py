"""Send budgets as rows: what was spent of each in its current period, by all processes together."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lianbot.domain.budgets import Budget
from lianbot.storage.tables import send_budgets


def spend(connection: Connection, budgets: Sequence[Budget], count: int, now: datetime) -> int:
    """How many of `count` messages still fit into every one of the budgets; so many are spent.

    The rows stay locked until the transaction ends: it is the hand-overs' own, so that what was
    handed over is counted whatever dies, and a group of them costs two statements a budget.
    """
    found = [(budget, _used(connection, budget, now)) for budget in sorted(budgets, key=_order)]
    granted = min([count, *(max(0, budget.for_pushes - used) for budget, used in found)])
    for budget, used in found if granted else ():
        connection.execute(
            update(send_budgets)
            .where(*_named(budget))
            .values(starts=budget.period.start(now), used=used + granted)
        )
    return granted


def room(connection: Connection, budgets: Sequence[Budget], now: datetime) -> int | None:
    """How many messages fit now, nothing spent and nothing locked; None without budgets."""
    found = [
        max(0, budget.for_pushes - _current(_row(connection, budget, lock=False), budget, now))
        for budget in budgets
    ]
    return min(found, default=None)


def _used(connection: Connection, budget: Budget, now: datetime) -> int:
    row = _row(connection, budget, lock=True)
    if row is None:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        # another process may lay it at the same instant
        connection.execute(
            dialect.insert(send_budgets)
            .values(
                channel=budget.channel,
                api=budget.api,
                period=budget.period,
                starts=budget.period.start(now),
                used=0,
            )
            .on_conflict_do_nothing()
        )
        row = _row(connection, budget, lock=True)
    return _current(row, budget, now)


def _row(connection: Connection, budget: Budget, *, lock: bool) -> tuple[datetime, int] | None:
    question = select(send_budgets.c.starts, send_budgets.c.used).where(*_named(budget))
    found = connection.execute(question.with_for_update() if lock else question).first()
    return (found.starts, found.used) if found else None


def _current(row: tuple[datetime, int] | None, budget: Budget, now: datetime) -> int:
    """What was spent in the period that holds `now`."""
    return row[1] if row is not None and row[0] == budget.period.start(now) else 0


def _named(budget: Budget) -> list[ColumnElement[bool]]:
    columns = send_budgets.c
    return [
        columns.channel == budget.channel,
        columns.api == budget.api,
        columns.period == budget.period,
    ]


def _order(budget: Budget) -> tuple[str, str, str]:
    """One order for everybody: any other deadlocks on PostgreSQL."""
    return (budget.channel, budget.api, budget.period)
