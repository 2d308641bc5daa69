"""Due moments of a schedule; cron syntax is APScheduler's crontab form, nothing of our own."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from lianbot.domain.campaigns import Campaign, Course, Cron, Once, Schedule
from lianbot.domain.errors import InvalidInputError

MOST_MOMENTS = 1_000
"""A schedule that is due more often than this between two looks is a mistake, not a plan."""


class CronMoments:
    """ports.planning.Moments by APScheduler's CronTrigger."""

    def due_between(self, campaign: Campaign, after: datetime, until: datetime) -> list[datetime]:
        return moments_of(campaign.schedule, after, until)


def moments_of(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """Due moments with after < moment ≤ until, in order (UTC)."""
    match schedule:
        case Once():
            return [schedule.at] if after < schedule.at <= until else []
        case Cron() | Course():
            return _fire_times(trigger(schedule.expression, schedule.zone), after, until)


def trigger(expression: str, zone: str) -> CronTrigger:
    """Raises InvalidInputError naming the schedule."""
    try:
        return CronTrigger.from_crontab(expression, timezone=ZoneInfo(zone))
    except (ValueError, KeyError, ZoneInfoNotFoundError) as error:
        raise InvalidInputError(
            f"时间表 {expression}", "不是 cron 写法，例如 7 14 * * tue 表示每周二 14:07"
        ) from error


def _fire_times(rule: CronTrigger, after: datetime, until: datetime) -> list[datetime]:
    found: list[datetime] = []
    previous: datetime | None = after
    while len(found) < MOST_MOMENTS:
        fire = rule.get_next_fire_time(previous, previous)
        if fire is None or fire > until:
            break
        if fire > after:
            found.append(fire.astimezone(UTC))
        previous = fire
        if previous == after:
            previous = fire.replace(microsecond=1)
    return found
