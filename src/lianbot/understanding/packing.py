"""The counted wordings as bytes, and back: text and numbers only, so that a file from a stranger can run nothing."""

import hashlib
import json
from array import array
from collections.abc import Sequence
from typing import Final

from lianbot.domain.codes import Topic
from lianbot.understanding.known import KnownWordings
from lianbot.understanding.postings import Postings

MAGIC: Final = b"lianbot known wordings 1\n"
KEY_BYTES: Final = 32
_DIGEST = hashlib.sha256
_LENGTH_BYTES: Final = 4
_TYPES: Final = "fIHfIBff"
"""Of the arrays in their order: rarity, start, where, weight, lean_start, lean_topic, lean_gain, odds."""


def pack(known: KnownWordings, key: bytes) -> bytes:
    """`key` names what the wordings were counted from; only the same key opens them again."""
    arrays = _arrays(known)
    head = {
        "topics": [topic.value for topic in known.topics],
        "texts": known.texts,
        "names": list(known.postings.number),
        "lengths": [len(one) for one in arrays],
    }
    text = json.dumps(head, ensure_ascii=False).encode()
    payload = b"".join(
        (len(text).to_bytes(_LENGTH_BYTES, "big"), text, *(one.tobytes() for one in arrays))
    )
    return b"".join((MAGIC, key, _DIGEST(payload).digest(), payload))


def unpack(data: bytes, key: bytes) -> KnownWordings | None:
    """None when anything is not as `pack` wrote it for this key."""
    opening = MAGIC + key
    digest_end = len(opening) + _DIGEST().digest_size
    payload = memoryview(data)[digest_end:]
    if (
        not data.startswith(opening)
        or _DIGEST(payload).digest() != data[len(opening) : digest_end]
    ):
        return None
    try:
        known = _read(payload)
    except (ValueError, KeyError, TypeError):
        return None
    return known if _fits(known) else None


def _arrays(known: KnownWordings) -> tuple["array[float] | array[int]", ...]:
    of = known.postings
    leans = (known.lean_start, known.lean_topic, known.lean_gain)
    return (of.rarity, of.start, of.where, of.weight, *leans, known.odds)


def _read(payload: memoryview) -> KnownWordings:
    at = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES], "big")
    head = json.loads(bytes(payload[_LENGTH_BYTES:at]))
    arrays = []
    for kind, length in zip(_TYPES, head["lengths"], strict=True):
        one: array[float] = array(kind)
        end = at + length * one.itemsize
        one.frombytes(payload[at:end])
        arrays.append(one)
        at = end
    if at != len(payload):
        raise ValueError("bytes left over")
    rarity, start, where, weight, lean_start, lean_topic, lean_gain, odds = arrays
    topic_of = {topic.value: topic for topic in Topic}
    return KnownWordings(
        topics=tuple(topic_of[value] for value in head["topics"]),
        texts=tuple(head["texts"]),
        postings=Postings(
            number={name: number for number, name in enumerate(head["names"])},
            rarity=rarity,
            start=start,  # type: ignore[arg-type]  # the type codes say which are whole numbers
            where=where,  # type: ignore[arg-type]
            weight=weight,
        ),
        lean_start=lean_start,  # type: ignore[arg-type]
        lean_topic=lean_topic,  # type: ignore[arg-type]
        lean_gain=lean_gain,
        odds=odds,
    )


def _fits(known: KnownWordings) -> bool:
    """Whether every number leads to something: no question may stumble over a place that is not there."""
    of, features = known.postings, len(known.postings)
    return (
        len(known.texts) == len(known.topics)
        and len(of.rarity) == len(known.odds) == features
        and len(of.where) == len(of.weight)
        and len(known.lean_topic) == len(known.lean_gain)
        and _stretches(of.start, features, of.where, len(known.texts))
        and _stretches(known.lean_start, features, known.lean_topic, len(known.order))
    )


def _stretches(start: Sequence[int], many: int, places: Sequence[int], most: int) -> bool:
    """Whether `start` cuts `places` into `many` stretches, and no place is beyond `most`."""
    return (
        len(start) == many + 1
        and start[0] == 0
        and start[-1] == len(places)
        and list(start) == sorted(start)
        and max(places, default=0) < max(most, 1)
    )
