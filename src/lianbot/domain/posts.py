"""A post's profile: its names, when its people can read, and what they ask about most."""

from dataclasses import dataclass
from datetime import date, time

from lianbot.domain.codes import Post, Topic


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
class PostProfile:
    """What `content/posts.yaml` says of one post.

    `send` are the windows in which a push may leave, `never` the ones in which it must not
    (they win), both in the site's local time. `aliases` are free words found in rosters. `quiet` are
    local days on which nothing is pushed; they are laid over it by `domain.hours`.
    """

    code: Post
    name: str
    short: str
    aliases: tuple[str, ...]
    send: tuple[DayWindow, ...]
    never: tuple[DayWindow, ...]
    topics: tuple[Topic, ...]
    quiet: frozenset[date] = frozenset()
