"""Local days and windows: when a push may leave, and when it could next (domain reference §2d)."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lianbot.domain.posts import DayWindow, PostProfile

SHANGHAI = ZoneInfo("Asia/Shanghai")
CROWDED_MINUTES = (0, 30)
"""WeCom asks not to fire at minutes 00 and 30 of an hour [S71]."""
STEP = timedelta(minutes=1)
HORIZON = timedelta(days=8)


def local(moment: datetime, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The moment on the wall clock of the site."""
    return moment.astimezone(zone)


def inside(windows: Iterable[DayWindow], clock_time: time) -> bool:
    return any(window.contains(clock_time) for window in windows)


def may_leave(profile: PostProfile, moment: datetime, zone: ZoneInfo = SHANGHAI) -> bool:
    """Whether a push for this post may leave now: inside a send window, outside every never-window and quiet day."""
    here = local(moment, zone)
    clock_time = here.time()
    if here.date() in profile.quiet:
        return False
    if inside(profile.never, clock_time):
        return False
    return not profile.send or inside(profile.send, clock_time)


def next_chance(
    profile: PostProfile, after: datetime, zone: ZoneInfo = SHANGHAI
) -> datetime | None:
    """The first minute from `after` on (UTC) at which a push may leave and that is not crowded.

    None when the windows leave no minute within eight days: the profile contradicts itself.
    """
    for start in sorted(_starts(profile, after, zone)):
        candidate = _calm(start)
        if candidate >= after and may_leave(profile, candidate, zone):
            return candidate
    return None


def _starts(profile: PostProfile, after: datetime, zone: ZoneInfo) -> set[datetime]:
    """Moments at which leaving may become possible: now, and each edge of each window on the next days."""
    here = local(after, zone)
    edges = [w.start for w in profile.send] + [w.end for w in profile.never] or [time(9, 5)]
    days = [here.date() + timedelta(days=n) for n in range(HORIZON.days)]
    found = {
        datetime.combine(day, edge, tzinfo=zone).astimezone(UTC) for day in days for edge in edges
    }
    return {moment for moment in found if moment > after} | {after}


def _calm(moment: datetime) -> datetime:
    if moment.minute in CROWDED_MINUTES:
        return moment.replace(second=0, microsecond=0) + STEP
    return moment


def crowded(moment: datetime) -> bool:
    """Minutes 00 and 30 of an hour."""
    return moment.minute in CROWDED_MINUTES


def start_of_local_day(moment: datetime, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Midnight of the local day, in UTC."""
    return datetime.combine(local(moment, zone).date(), time(0), tzinfo=zone).astimezone(UTC)
