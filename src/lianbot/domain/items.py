"""Items and their editions: what is shown to a worker, immutable and named by its SHA-256."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from lianbot.domain.codes import ItemType, Level, Post, Topic


class EditionState(StrEnum):
    """Publishing stores every edition as `awaiting`, whatever the file says; a named reviewer approves, or
    sends it back with a note; the editor then publishes another edition (P5)."""

    AWAITING = "awaiting"
    APPROVED = "approved"
    RETIRED = "retired"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One immutable edition of an item; `sha256` is over `bytes` (evidence page, 'Edition bytes')."""

    sha256: str
    item: str
    type: ItemType
    title: str
    text: str
    tag: str
    topic: Topic
    posts: tuple[Post, ...]
    levels: tuple[Level, ...]
    quizzes: tuple[str, ...]
    voice_script: str
    valid_from: date | None
    valid_until: date | None
    author: str
    version: int
    material: bool
    state: EditionState
    picture: str = ""
    picture_text: str = ""
    voice: str = ""
    slow_voice: str = ""
    synthetic: bool = False
    """Hashes of the picture and the recordings, what the picture says, and whether a machine speaks."""

    def fits(self, post: Post, level: Level) -> bool:
        """Whether the item was written for that post and level; no posts means all."""
        return (not self.posts or post in self.posts) and (not self.levels or level in self.levels)

    def valid_on(self, day: date) -> bool:
        """Law-bearing items run out; an item that ran out is never sent."""
        after_start = self.valid_from is None or day >= self.valid_from
        return after_start and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiz:
    """One question variant. `answer` is the index of the right option in the edition's own order."""

    sha256: str
    item: str
    stem: str
    options: tuple[str, ...]
    answer: int
    why: str


def draw_variant(edition: Edition, occurrence_id: UUID, worker_id: UUID) -> str | None:
    """One question of the edition's variants: colleagues rarely see the same, a repeat always does."""
    if not edition.quizzes:
        return None
    seed = hashlib.sha256(occurrence_id.bytes + worker_id.bytes).digest()
    return edition.quizzes[int.from_bytes(seed[:4], "big") % len(edition.quizzes)]


def takes_over(
    newer: Edition, *, topic: Topic, posts: Sequence[Post], level: Level, review: bool
) -> bool:
    """Whether a row that waits with an older edition can carry this one instead.

    The sums go by topic, so that another topic is another message; a review needs a question.
    """
    fits = any(newer.fits(post, level) for post in posts)
    return fits and newer.topic is topic and (bool(newer.quizzes) or not review)
