"""The platforms' signature, compared in constant time, and the window of the timestamp beside it."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from lianbot.ports.channel import ForgedCallError

WINDOW_SECONDS: Final = 15 * 60
"""Room for the platform's repeats and a wrong clock; a repeat inside it is recognised by its effect (design §3)."""

_LONGEST_TIMESTAMP: Final = 11


def sign(*parts: str) -> str:
    """Lower-case hex SHA-1 over the sorted values [S3][S4]."""
    joined = "".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - the platform's choice, not ours


def require_signature(given: str, *parts: str) -> None:
    """Raise ForgedCallError unless `given` signs `parts`; takes the same time for every wrong value."""
    expected = sign(*parts).encode()
    if not hmac.compare_digest(expected, given.encode("utf-8", "surrogatepass")):
        raise ForgedCallError("signature")


def require_fresh(timestamp: str, now: datetime) -> None:
    """Raise ForgedCallError unless the signed unix time lies within 15 minutes of ours."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        raise ForgedCallError("timestamp")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise ForgedCallError("timestamp outside the window")


def param(query: Mapping[str, str], name: str) -> str:
    """A signed query value. None of them contains a space: a space is a `+` that a form decoder ate [S4]."""
    value = query.get(name)
    if not value:
        raise ForgedCallError(f"no {name}")
    return value.replace(" ", "+")
