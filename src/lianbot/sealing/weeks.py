"""Weeks and quarters as the door writes them; nothing finer than a day is ever written down."""

from datetime import date, timedelta

FIRST_YEAR = 2020


def week_of(day: date) -> str:
    """ISO week as it stands in rows and bulletins: 2026W47."""
    year, week, _ = day.isocalendar()
    return f"{year}W{week:02d}"


def monday_of(week: str) -> date:
    """The Monday of 2026W47 (2026-W47 is understood too); ValueError for anything else."""
    year, _, number = week.replace("-", "").partition("W")
    return date.fromisocalendar(int(year), int(number), 1)


def weeks_before(week: str, count: int) -> str:
    """The week `count` weeks earlier."""
    return week_of(monday_of(week) - timedelta(weeks=count))


def ledger_week(week: str) -> str:
    """The same week as the ledger writes it: 2026-W47."""
    return f"{week[:4]}-{week[4:]}"


def epoch_of(day: date) -> int:
    """The number of the quarter; one pair of officer keys lives one quarter. 2026 Q4 is 28."""
    return (day.year - FIRST_YEAR) * 4 + (day.month - 1) // 3 + 1


def quarter_name(epoch: int) -> str:
    """How an epoch is written for people: 2026Q4."""
    year, quarter = divmod(epoch - 1, 4)
    return f"{FIRST_YEAR + year}Q{quarter + 1}"
