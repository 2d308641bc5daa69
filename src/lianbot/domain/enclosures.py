"""What may go along with a message: the picture or the voice of its item. Text and one link always suffice (P7)."""

from dataclasses import dataclass
from enum import StrEnum


class EnclosureKind(StrEnum):
    """What a campaign may ask for besides the message itself."""

    VOICE = "voice"
    IMAGE = "image"


FITTING = {EnclosureKind.VOICE: (".amr",), EnclosureKind.IMAGE: (".jpg", ".png")}
"""What WeCom takes as temporary media [S67]; a drawing (SVG) or an MP3 stays on the phone page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A picture or voice as the curriculum keeps it; `sha256` names it for ever."""

    kind: EnclosureKind
    name: str
    sha256: str
    data: bytes


def kind_of(name: str) -> EnclosureKind | None:
    """The kind of a file by its ending; None for what no platform takes."""
    for kind, endings in FITTING.items():
        if name.endswith(endings):
            return kind
    return None
