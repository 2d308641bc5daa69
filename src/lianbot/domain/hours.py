"""Quiet days, a team's own windows, the worker's shift and chosen time, laid over the post's profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import lru_cache, reduce
from operator import and_

from lianbot.domain.codes import Post
from lianbot.domain.people import PreferredTime
from lianbot.domain.posts import DayWindow, PostProfile

A_DAY = 24 * 60
_ALL_DAY = (1 << A_DAY) - 1
SHORTEST = 10
"""Minutes: a shorter rest of a window is no time to read in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamHours:
    """Windows of one team in place of its posts' (a guard's first hour after hand-over, a far kitchen).

    An empty field leaves the post's windows as they are.
    """

    send: tuple[DayWindow, ...] = ()
    never: tuple[DayWindow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """`quiet` are local days on which nothing is pushed; answers to people who write are never held back."""

    quiet: Mapping[date, str] = field(default_factory=dict)
    teams: Mapping[int, TeamHours] = field(default_factory=dict)

    def of(
        self,
        profile: PostProfile,
        team_id: int,
        shift: str = "",
        preferred: PreferredTime = PreferredTime.ANY,
    ) -> PostProfile:
        """The profile as it holds now for somebody of that team with that shift and chosen time.

        The shift's windows take the place of the post's and keep to the team's own; the chosen time keeps to
        what is left. Where nothing is left it does not count; the never-windows win in any case.
        """
        own = self.teams.get(team_id, _NONE)
        personal = _personal(profile, own, shift, preferred)
        if own is _NONE and not self.quiet and not profile.quiet and personal == profile.send:
            return profile
        return replace(
            profile,
            send=personal,
            never=own.never or profile.never,
            quiet=frozenset(self.quiet),
        )

    def of_posts(
        self,
        profiles: Mapping[Post, PostProfile],
        posts: Sequence[Post],
        team_id: int,
        shift: str = "",
        preferred: PreferredTime = PreferredTime.ANY,
    ) -> PostProfile:
        """The profile of somebody with these posts, the main one first: the times at which all of them can read."""
        laid = [self.of(profiles[one], team_id, shift, preferred) for one in dict.fromkeys(posts)]
        return laid[0] if len(laid) == 1 else _common(tuple(laid))


_NONE = TeamHours()
NO_HOURS = Hours()


@lru_cache(maxsize=4096)
def _personal(
    profile: PostProfile, own: TeamHours, shift: str, preferred: PreferredTime
) -> tuple[DayWindow, ...]:
    """The send windows of one person; there are few different ones in a school."""
    send = own.send or profile.send
    never = _minutes(own.never or profile.never)
    at_work = profile.shift_named(shift) if shift else None
    if at_work is not None:
        hours = _minutes(at_work.send) & ~never
        send = _windows(hours & _minutes(send) if own.send else hours) or send
    for wish, windows in profile.wishes:
        if wish is preferred:
            send = _windows(_minutes(windows) & _minutes(send) & ~never) or send
    return send


@lru_cache(maxsize=4096)
def _common(laid: tuple[PostProfile, ...]) -> PostProfile:
    """What the send windows of all posts share, outside the never-windows of each.

    Where that is nothing, the main post's windows, still outside the never-windows of all; where that is nothing
    either, the main post alone: who works nights there and days here would never be reached.
    """
    main = laid[0]
    never = tuple(dict.fromkeys(window for one in laid for window in one.never))
    open_ = [_minutes(one.send) for one in laid if one.send]
    if not open_:
        return replace(main, never=never)
    free = ~_minutes(never)
    shared = reduce(and_, open_)
    send = _windows(shared & free) or _windows((_minutes(main.send) or _ALL_DAY) & free)
    return replace(main, send=send, never=never) if send else main


def _minutes(windows: tuple[DayWindow, ...]) -> int:
    """The minutes of the day as bits."""
    found = 0
    for one in windows:
        start, end = _minute(one.start), _minute(one.end)
        spans = [(start, end)] if start <= end else [(start, A_DAY), (0, end)]
        for low, high in spans:
            found |= ((1 << (high - low)) - 1) << low
    return found


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _windows(minutes: int) -> tuple[DayWindow, ...]:
    """Stretches of bits as windows; what is too short to read in is left out."""
    edges = [
        n for n in range(A_DAY + 1) if (minutes >> n & 1) != (n > 0 and minutes >> (n - 1) & 1)
    ]
    spans = zip(edges[::2], edges[1::2], strict=True)
    return tuple(
        DayWindow(start=_clock(low), end=_clock(high))
        for low, high in spans
        if high - low >= SHORTEST
    )


def _clock(minute: int) -> time:
    return time(minute % A_DAY // 60, minute % 60)
