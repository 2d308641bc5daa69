"""Quiet days for everybody and a team's own windows, laid over the post's profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from lianbot.domain.posts import DayWindow, PostProfile


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

    def of(self, profile: PostProfile, team_id: int) -> PostProfile:
        """The profile as it holds for that team now."""
        own = self.teams.get(team_id, _NONE)
        if own is _NONE and not self.quiet and not profile.quiet:
            return profile
        return replace(
            profile,
            send=own.send or profile.send,
            never=own.never or profile.never,
            quiet=frozenset(self.quiet),
        )


_NONE = TeamHours()
NO_HOURS = Hours()
