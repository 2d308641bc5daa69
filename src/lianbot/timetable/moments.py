"""Due moments of a schedule; cron syntax is APScheduler's crontab form, nothing of our own."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    EXPIRES,
    Campaign,
    Course,
    Cron,
    Festival,
    Once,
    Review,
    Schedule,
    Since,
)
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.festivals import NO_ALMANAC, Almanac

SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES_A_DAY = 24 * 60
MOST_MOMENTS = 1_000
"""A schedule that is due more often than this between two looks is a mistake, not a plan."""


class CronMoments:
    """ports.planning.Moments by APScheduler's CronTrigger and the almanac that is handed in."""

    def __init__(self, almanac: Almanac = NO_ALMANAC) -> None:
        self._almanac = almanac

    def due_between(self, campaign: Campaign, after: datetime, until: datetime) -> list[datetime]:
        found = self.upcoming(campaign.schedule, after, until)
        return [moment for moment in found if campaign.covers(local(moment).date())]

    def ends_at(self, campaign: Campaign, due_at: datetime) -> datetime:
        """ports.planning.Moments.ends_at."""
        return end_of(campaign.schedule, due_at, self._almanac)

    def times_a_day(self, campaign: Campaign) -> int:
        """ports.planning.Moments.times_a_day."""
        return most_a_day(campaign.schedule)

    def upcoming(self, schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
        """The same for a schedule that is not yet a campaign."""
        return moments_of(schedule, after, until, self._almanac)


def moments_of(
    schedule: Schedule, after: datetime, until: datetime, almanac: Almanac = NO_ALMANAC
) -> list[datetime]:
    """Due moments with after < moment ≤ until, in order (UTC)."""
    match schedule:
        case Once():
            return [schedule.at] if after < schedule.at <= until else []
        case Cron() | Course():
            return _fire_times(trigger(schedule.expression, schedule.zone), after, until)
        case Festival():
            moments = _festival_moments(schedule, almanac)
            return [moment for moment in moments if after < moment <= until]
        case Since() | Review():
            # looked at daily; who is due that day is each worker's own matter
            return _fire_times(trigger(_every_day(schedule.clock), schedule.zone), after, until)


def most_a_day(schedule: Schedule) -> int:
    """How often it is due on a day on which it is due: minute and hour do not depend on the day."""
    if not isinstance(schedule, Cron | Course):
        return 1
    rule = trigger(schedule.expression, schedule.zone)
    first = rule.get_next_fire_time(None, SOME_DAY.astimezone(_zone(schedule.zone)))
    if first is None:
        return 0
    # the first day may have begun before the look: counted from its midnight
    after = first.replace(hour=0, minute=0, second=0) - timedelta(microseconds=1)
    return len(_fire_times(rule, after, after + timedelta(days=1), MINUTES_A_DAY))


def end_of(schedule: Schedule, due_at: datetime, almanac: Almanac = NO_ALMANAC) -> datetime:
    """From when on what was due then must not leave any more (UTC)."""
    ends = due_at + EXPIRES
    if not isinstance(schedule, Festival):
        return ends
    zone = _zone(schedule.zone)
    day = almanac.ends_on(
        schedule.node, local(due_at, zone).date(), schedule.offset, working=schedule.working
    )
    over = datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone)
    return min(ends, over.astimezone(UTC))


def _festival_moments(schedule: Festival, almanac: Almanac) -> list[datetime]:
    zone = _zone(schedule.zone)
    days = (
        almanac.shifted(day, schedule.offset, working=schedule.working)
        for day in almanac.days_of(schedule.node)
    )
    return sorted(
        datetime.combine(day, schedule.clock, tzinfo=zone).astimezone(UTC) for day in days
    )


def _every_day(clock: time) -> str:
    return f"{clock.minute} {clock.hour} * * *"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise InvalidInputError(f"时区 {name}", "没有这个时区，例如 Asia/Shanghai") from error


def trigger(expression: str, zone: str) -> CronTrigger:
    """Raises InvalidInputError naming the schedule."""
    try:
        return CronTrigger.from_crontab(expression, timezone=ZoneInfo(zone))
    except (ValueError, KeyError, ZoneInfoNotFoundError) as error:
        raise InvalidInputError(
            f"时间表 {expression}", "不是 cron 写法，例如 7 14 * * tue 表示每周二 14:07"
        ) from error


def _fire_times(
    rule: CronTrigger, after: datetime, until: datetime, most: int = MOST_MOMENTS
) -> list[datetime]:
    found: list[datetime] = []
    previous: datetime | None = after
    while len(found) < most:
        fire = rule.get_next_fire_time(previous, previous)
        if fire is None or fire > until:
            break
        if fire > after:
            found.append(fire.astimezone(UTC))
        previous = fire
        if previous == after:
            previous = fire.replace(microsecond=1)
    return found
