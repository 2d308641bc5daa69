"""Items to editions: the evidence page's bytes and hashes, questions before the items that name them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from lianbot.curriculum.media import media_of
from lianbot.curriculum.records import ItemFile, LoadedItem, MediaFile, QuizPart
from lianbot.evidence.editions import Media, QuizEdition, TextEdition, TextKind, edition_hash

_NAMES = tuple(field.name for field in fields(ItemFile))


def with_editions(items: Sequence[ItemFile], root: Path) -> tuple[LoadedItem, ...]:
    """Every item with its edition, in the order given; the items' questions have to be among them."""
    media = {item.id: media_of(item, root) for item in items}
    loaded: dict[str, LoadedItem] = {}
    for item in sorted(items, key=lambda one: not isinstance(one.part, QuizPart)):
        data = _edition_bytes(item, media[item.id], loaded)
        loaded[item.id] = LoadedItem(
            **{name: getattr(item, name) for name in _NAMES},
            media=media[item.id],
            edition_bytes=data,
            sha256=edition_hash(data),
        )
    return tuple(loaded[item.id] for item in items)


def _edition_bytes(
    item: ItemFile, files: Sequence[MediaFile], loaded: Mapping[str, LoadedItem]
) -> bytes:
    media = [Media(name=file.name, sha256=file.sha256) for file in files]
    if isinstance(item.part, QuizPart):
        return QuizEdition(
            id=item.id,
            text=item.part.stem,
            options=item.part.options,
            answer=item.part.answer,
            why=item.part.why,
            media=media,
        ).to_bytes()
    return TextEdition(
        id=item.id,
        type=TextKind(item.type.value),
        title=item.title,
        text=item.text,
        tag=item.tag,
        quiz=[loaded[quiz_id].sha256 for quiz_id in item.quiz_ids],
        media=media,
    ).to_bytes()
