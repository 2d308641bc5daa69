"""A recording made on a phone → a new edition of the item with that voice, awaiting another person's approval (P5)."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lianbot.bootstrap.house import House
from lianbot.curriculum.recording import Recording, convert
from lianbot.curriculum.voicing import SLOW
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import Account
from lianbot.evidence.editions import Media, TextEdition, TextKind, edition_hash
from lianbot.storage.content import Publication


async def publish_voice(
    house: House, sha256: str, recorded: bytes, account: Account, *, slow: bool
) -> float:
    """Seconds of the voice. The old edition stays as it is; nothing is played before it is approved.

    Raises InvalidInputError (no sound, too long, no usual reading yet), NotFoundError.
    """
    known = await house.content.publication(sha256)
    if slow and not known.meta.get("voice"):
        raise InvalidInputError("慢速", "先录平常速度的，审核过了再录慢速的")
    made = await asyncio.to_thread(convert, recorded)
    voiced, files = with_voice(known, made, slow=slow)
    await house.content.keep_media(files)
    await house.content.publish([voiced], account.id, house.clock.now())
    return made.seconds


def with_voice(
    known: Publication, made: Recording, *, slow: bool
) -> tuple[Publication, dict[str, tuple[str, bytes]]]:
    """The same words with this voice; a new usual reading takes the slow one of the old with it."""
    stem = f"voice/{known.item}{SLOW if slow else ''}"
    fresh = {f"{stem}.mp3": made.mp3, f"{stem}.amr": made.amr}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in fresh.items()}
    body = json.loads(known.body)
    kept = [one for one in body["media"] if _stays(one["name"], slow=slow)]
    media = [*kept, *({"name": name, "sha256": sha} for name, sha in hashes.items())]
    data = _bytes_of(body, media)
    meta: dict[str, Any] = known.meta | {"material": False}  # not a word has changed
    if slow:
        meta["slow_voice"] = hashes[f"{stem}.mp3"]
    else:
        meta |= {"voice": hashes[f"{stem}.mp3"], "slow_voice": "", "synthetic": False}
    voiced = replace(known, sha256=edition_hash(data), body=data, meta=meta)
    return voiced, {hashes[name]: (name, content) for name, content in fresh.items()}


def _stays(name: str, *, slow: bool) -> bool:
    if not name.startswith("voice/"):
        return True
    return slow and f"{SLOW}." not in name


def _bytes_of(body: dict[str, Any], media: Sequence[dict[str, str]]) -> bytes:
    return TextEdition(
        id=body["id"],
        type=TextKind(body["type"]),
        title=body["title"],
        text=body["text"],
        tag=body["tag"],
        quiz=body["quiz"],
        media=[Media(name=one["name"], sha256=one["sha256"]) for one in media],
    ).to_bytes()
