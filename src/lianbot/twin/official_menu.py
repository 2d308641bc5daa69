"""The Official Account's custom menu: what may be created."""

from __future__ import annotations

from lianbot.twin.answers import RefusedError
from lianbot.twin.phones import Content
from lianbot.twin.world import as_object

_KEYED = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)


def check_menu(menu: Content, names: str = "characters") -> None:
    """At most 3 x 5; names 4 and 8 Chinese characters wide, or 16 and 60 bytes by switch [S13]."""
    wide = _width if names == "characters" else _bytes
    longest = (4, 8) if names == "characters" else (16, 60)
    top = menu.get("button")
    if not isinstance(top, list) or not 1 <= len(top) <= 3:
        raise RefusedError(40016, "invalid button size")
    for each in map(as_object, top):
        below = each.get("sub_button") or []
        if isinstance(below, dict):
            below = below.get("list", [])
        if not 1 <= wide(each.get("name")) <= longest[0]:
            raise RefusedError(40018, "invalid button name size")
        if not isinstance(below, list) or len(below) > 5:
            raise RefusedError(40023, "invalid sub button size")
        if not below:
            _check_entry(each, 40017, 40019, 40020)
        for entry in map(as_object, below):
            if not 1 <= wide(entry.get("name")) <= longest[1]:
                raise RefusedError(40025, "invalid sub button name size")
            _check_entry(entry, 40024, 40026, 40027)


def _check_entry(entry: Content, bad_type: int, bad_key: int, bad_url: int) -> None:
    kind = str(entry.get("type"))
    if kind == "view":
        if not 1 <= len(str(entry.get("url", "")).encode()) <= 1024:
            raise RefusedError(bad_url, "invalid button url size")
    elif kind in _KEYED:
        if not 1 <= len(str(entry.get("key", "")).encode()) <= 128:
            raise RefusedError(bad_key, "invalid button key size")
    elif kind != "miniprogram":
        raise RefusedError(bad_type, "invalid button type")


def _width(name: object) -> float:
    """Chinese characters count one, others half."""
    return sum(0.5 if each.isascii() else 1 for each in str(name or ""))


def _bytes(name: object) -> float:
    return len(str(name or "").encode())
