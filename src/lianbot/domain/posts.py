"""A post's profile: its names, when its people can read, and what they ask about most."""

import re
from dataclasses import dataclass
from datetime import date, time

from lianbot.domain.codes import Post, Topic
from lianbot.domain.people import PreferredTime

_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:：.点时]([0-5]\d)?(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWindow:
    """A stretch of the local day, `start` inclusive and `end` exclusive; it may run past midnight."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """班次 of a post: the roster's words for it, when it begins, and when its people can read."""

    words: tuple[str, ...]
    starts: tuple[DayWindow, ...]
    send: tuple[DayWindow, ...]

    def begins_at(self, clock: time) -> bool:
        return any(window.contains(clock) for window in self.starts)


Wishes = tuple[tuple[PreferredTime, tuple[DayWindow, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostProfile:
    """What `content/posts.yaml` says of one post.

    `send` are the windows in which a push may leave, `never` the ones in which it must not
    (they win), both in the site's local time. `aliases` are free words found in rosters. `shifts` have windows of
    their own in place of `send`, and `wishes` say which part of them suits who chose a time. `quiet` are
    local days on which nothing is pushed; all this is laid over it by `domain.hours`.
    """

    code: Post
    name: str
    short: str
    aliases: tuple[str, ...]
    send: tuple[DayWindow, ...]
    never: tuple[DayWindow, ...]
    topics: tuple[Topic, ...]
    quiet: frozenset[date] = frozenset()
    shifts: tuple[Shift, ...] = ()
    wishes: Wishes = ()

    def shift_named(self, words: str) -> Shift | None:
        """The shift that the roster's words mean; None when they name none, or more than one (轮班)."""
        found = [one for one in self.shifts if any(word in words for word in one.words)]
        if not found and (clock := _CLOCK.search(words)):
            begins = time(int(clock[1]), int(clock[2] or 0))
            found = [one for one in self.shifts if one.begins_at(begins)]
        return found[0] if len(found) == 1 else None
