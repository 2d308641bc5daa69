"""An edition's bytes, exactly what was shown and nothing of its workflow, and its name: their SHA-256."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lianbot.evidence import jcs
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.fields import HASH, ITEM


class TextKind(StrEnum):
    """Items that are read; a quiz is the other kind."""

    LESSON = "lesson"
    CASE = "case"
    STORY = "story"
    REMINDER = "reminder"
    POLICY = "policy"
    FAQ = "faq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture or voice file by name and SHA-256 (64 hex); the file lies under its hash."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdition:
    """What a worker reads; `tag` is the shown mark (情景案例) or "", `quiz` the hashes of its questions."""

    id: str
    type: TextKind
    title: str
    text: str
    tag: str = ""
    quiz: Sequence[str] = ()
    media: Sequence[Media] = ()

    def to_bytes(self) -> bytes:
        """Canonical bytes; approving an item changes none of them."""
        ITEM.write(self.id)
        return jcs.canonical(
            {
                "id": self.id,
                "type": TextKind(self.type).value,
                "title": self.title,
                "text": self.text,
                "tag": self.tag,
                "quiz": [HASH.write(one) for one in self.quiz],
                "media": _media(self.media),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizEdition:
    """A question as asked; `answer` is the 0-based index of the right option."""

    id: str
    text: str
    options: Sequence[str]
    answer: int
    why: str
    media: Sequence[Media] = ()

    def to_bytes(self) -> bytes:
        """Canonical bytes."""
        ITEM.write(self.id)
        if type(self.answer) is not int or not 0 <= self.answer < len(self.options):
            raise EvidenceError(f"{self.id}: answer {self.answer!r} is not the index of an option")
        return jcs.canonical(
            {
                "id": self.id,
                "type": "quiz",
                "text": self.text,
                "options": list(self.options),
                "answer": self.answer,
                "why": self.why,
                "media": _media(self.media),
            }
        )


def edition_hash(data: bytes) -> str:
    """64 hex: the name of an edition, a media file or a roster snapshot."""
    return hashlib.sha256(data).hexdigest()


def _media(files: Sequence[Media]) -> list[jcs.Json]:
    return [{"name": one.name, "sha256": str(HASH.write(one.sha256))} for one in files]
