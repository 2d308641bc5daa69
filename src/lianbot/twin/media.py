"""Uploads: kinds and sizes each platform takes."""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from lianbot.twin.answers import RefusedError
from lianbot.twin.phones import Channel
from lianbot.twin.world import Media, World

_DAYS_3 = 3 * 86_400.0
_MB = 1024 * 1024

# §C3 and §B8 [S67][S73][S62]; both platforms name two sizes for pictures: a switch
_WECOM = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "file": 20 * _MB}
_OFFICIAL = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "thumb": 64 * 1024}
_AMR = b"#!AMR"
_AMR_NB = b"#!AMR\n"
# bytes of a frame by its mode; the others are reserved or empty
_AMR_FRAMES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)
_LONGEST_VOICE = 60


async def read_upload(request: web.Request, world: World, kind: str, channel: Channel) -> Media:
    """The file in the multipart part `media`, checked as the platform checks it."""
    limits = _limits(world, channel)
    if kind not in limits:
        raise RefusedError(40004, f"invalid media type {kind!r}")
    part = await _media_part(request)
    body = await part.read()
    if not body:
        raise RefusedError(44001, "empty media data")
    if len(body) > limits[kind]:
        raise RefusedError(45001, "media size out of limit")
    _check_bytes(kind, bytes(body), channel)
    content_type = part.headers.get("Content-Type", "application/octet-stream")
    expires = world.clock.now() + _DAYS_3
    return Media(kind, part.filename or "media", content_type, bytes(body), expires)


def _limits(world: World, channel: Channel) -> dict[str, int]:
    if channel is Channel.WECOM:
        return {**_WECOM, "image": world.switches.wecom_image_mb * _MB}
    return {**_OFFICIAL, "image": world.switches.official_image_mb * _MB}


async def _media_part(request: web.Request) -> BodyPartReader:
    if not request.content_type.startswith("multipart/"):
        raise RefusedError(41005, "media data missing")
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename is not None:
            return part
    raise RefusedError(41005, "media data missing")


def _check_bytes(kind: str, body: bytes, channel: Channel) -> None:
    if channel is Channel.WECOM and len(body) <= 5:
        raise RefusedError(40006, "invalid file size, more than 5 bytes")  # [S67]
    if channel is Channel.WECOM and kind == "voice" and not body.startswith(_AMR):
        raise RefusedError(301017, "voice must be AMR")  # [S67]
    if kind == "voice" and voice_seconds(body) > _LONGEST_VOICE:
        raise RefusedError(45007, "playtime out of limit")  # [S62][S44][S73]


def voice_seconds(body: bytes) -> int:
    """Whole seconds of an AMR voice, 20 ms a frame; 0 for another kind of file."""
    if not body.startswith(_AMR_NB):
        return 0
    at, frames = len(_AMR_NB), 0
    while at < len(body):
        at += _AMR_FRAMES[(body[at] >> 3) & 0x0F]
        frames += 1
    return max(1, round(frames * 0.02))
