"""Cutting texts to the platforms' limits without breaking a character or losing the link."""

from typing import Final

ELLIPSIS: Final = "…"


def cut_bytes(text: str, limit: int) -> str:
    """At most `limit` UTF-8 bytes, cut on a character boundary and marked with … where something was lost."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    room = limit - len(ELLIPSIS.encode())
    return raw[:room].decode("utf-8", "ignore").rstrip() + ELLIPSIS


def cut_chars(text: str, limit: int) -> str:
    """At most `limit` characters, marked with … where something was lost."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def with_link(text: str, url: str, limit: int) -> str:
    """Text and link within `limit` bytes: the text gives way, the link never does (plain text and one link suffice)."""
    if not url:
        return cut_bytes(text, limit)
    tail = f"\n{url}"
    return cut_bytes(text, limit - len(tail.encode())) + tail
