"""Canonical JSON (RFC 8785) as the ledger uses it: integers only, NFC strings, ASCII keys, no null."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NoReturn

import rfc8785

from lianbot.evidence.errors import EvidenceError

Json = str | int | Sequence["Json"] | Mapping[str, "Json"]

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""


def canonical(value: Json) -> bytes:
    """The one byte form of `value`; raises EvidenceError naming the place that has no such form."""
    _admit(value, "$")
    return rfc8785.dumps(value)


def parse(data: bytes, *, limit: int) -> Json:
    """The value of canonical bytes of at most `limit` bytes; anything but the canonical form raises."""
    if len(data) > limit:
        raise EvidenceError(f"{len(data)} bytes, at most {limit} are allowed")
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError as error:
        raise EvidenceError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise EvidenceError(f"not one JSON value: {error}") from error
    except RecursionError as error:
        raise EvidenceError("nested too deeply") from error
    if canonical(value) != data:
        raise EvidenceError(
            "not in canonical form (RFC 8785): spaces, key order or escapes differ"
        )
    return value


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise EvidenceError(f"key {twice!r} stands twice")
    return found


def _no_float(text: str) -> NoReturn:
    raise EvidenceError(f"{text} is not an integer")


def _admit(value: object, place: str) -> None:
    """Refuse what two readers could understand differently."""
    match value:
        case bool() | None:
            raise EvidenceError(f"{place}: {value} is not allowed; leave the key out")
        case str():
            _admit_text(value, place)
        case int():
            if abs(value) > MAX_INTEGER:
                raise EvidenceError(f"{place}: {value} is beyond 2^53 - 1")
        case dict():
            _admit_object(value, place)
        case list() | tuple():
            for index, one in enumerate(value):
                _admit(one, f"{place}[{index}]")
        case _:
            raise EvidenceError(f"{place}: {type(value).__name__} is not allowed")


def _admit_text(text: str, place: str) -> None:
    if text.isascii():
        return
    if not unicodedata.is_normalized("NFC", text):
        raise EvidenceError(f"{place}: text is not in NFC; normalise it first")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise EvidenceError(f"{place}: half of a surrogate pair is no character")


def _admit_object(value: dict[object, object], place: str) -> None:
    for key, one in value.items():
        if not isinstance(key, str) or not key.isascii():
            raise EvidenceError(f"{place}: key {key!r} is not ASCII text")
        _admit(one, f"{place}.{key}")
