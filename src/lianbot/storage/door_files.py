"""DOOR_DIR as files; whatever stands in them was written by another process and is read with care."""

import asyncio
import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

from lianbot.domain.errors import InvalidInputError
from lianbot.ports.door_shelf import Attestation, Opaque
from lianbot.storage.door_packs import Published, check_attestation, check_pack

ROOT_BYTES = 32
LONGEST = 16 * 1024 * 1024
PIECE = 1024 * 1024
STALE_WEEKS = 8
"""The door takes packs of this week and the last eight."""
TAKEN = ("sealed.bin", "intake.json", "recipients.json", "bulletin.bin")
_PHOTOS = re.compile(r"media-\d{4}W\d{2}\.bin")


class DoorFiles:
    """ports.door_shelf.DoorShelf over a folder."""

    def __init__(self, folder: Path) -> None:
        self._out = folder / "out"
        self._in = folder / "in"

    async def intake_root(self) -> bytes | None:
        found = await self._json("intake.json")
        root = _bytes(found.get("root"))
        return root if len(root) == ROOT_BYTES else None

    async def attestations(self) -> list[Attestation]:
        pubs = {hashlib.sha256(pub).hexdigest()[:8]: pub for pub in await self.officers()}
        found = await self._json("attest.json")
        rows = found.get("attest", [])
        alone = await asyncio.to_thread(lambda: [_record(p) for p in self._in.glob("*.attest")])
        return [
            Attestation(week=str(row["week"]), pub=pubs[row["officer"]], sig=_bytes(row["sig"]))
            for row in (*(rows if isinstance(rows, list) else ()), *alone)
            if isinstance(row, dict)
            and row.get("officer") in pubs
            and {"week", "sig"} <= row.keys()
        ]

    async def officers(self) -> list[bytes]:
        return list((await self._published()).keys.values())

    async def take(self, name: str) -> Opaque | None:
        if name not in TAKEN and not _PHOTOS.fullmatch(name):
            return None
        try:
            # once open, the file stays whole whatever the door renames into its place
            file = await asyncio.to_thread((self._out / name).open, "rb")
        except OSError:
            return None
        return Opaque(size=os.fstat(file.fileno()).st_size, pieces=_pieces(file))

    async def put_pack(self, pack: bytes, week: str) -> None:
        published = await self._published()
        seen = check_pack(pack, published, week, _weeks_before(week, STALE_WEEKS))
        await asyncio.to_thread(self._shelve, seen.office, seen.week, pack)

    async def put_attestation(self, words: bytes) -> None:
        officer = check_attestation(words, await self._published())
        await asyncio.to_thread(_replace, self._in / f"{officer}.attest", words)

    async def put_front(self, front: bytes) -> None:
        await asyncio.to_thread(_replace, self._in / "front.json", front)

    def _shelve(self, office: str, week: str, pack: bytes) -> None:
        """Beside those of the same week: one that has not been flushed yet would lose its answers."""
        kept = sorted(self._in.glob(f"{office}-{week}-*.pack"))
        if any(path.read_bytes() == pack for path in kept):
            return
        _replace(self._in / f"{office}-{week}-{len(kept) + 1:03}.pack", pack)
        oldest = f"{office}-{_weeks_before(week, STALE_WEEKS + 1)}"
        for path in self._in.glob(f"{office}-????W??-*.pack"):
            if path.name < oldest:
                path.unlink(missing_ok=True)

    async def _published(self) -> Published:
        outer = await self._json("recipients.json")
        try:
            inner = json.loads(outer.get("list", "{}"))
            keys = {str(office["id"]): _bytes(office["sign"]) for office in inner["offices"]}
            return Published(log=str(inner["log"]), keys=keys)
        except (ValueError, KeyError, TypeError):
            return Published(log="", keys={})

    async def _json(self, name: str) -> dict[str, Any]:
        data = await asyncio.to_thread(_read, self._out / name)
        try:
            found = json.loads(data or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()


def _weeks_before(week: str, count: int) -> str:
    """2026W47 → the week so many weeks earlier. Raises InvalidInputError for what is no week."""
    try:
        monday = date.fromisocalendar(int(week[:4]), int(week[5:]), 1) - timedelta(weeks=count)
    except ValueError as error:
        raise InvalidInputError("周", f"{week} 要写成 2026W47") from error
    year, number, _ = monday.isocalendar()
    return f"{year}W{number:02d}"


def _record(path: Path) -> object:
    try:
        return json.loads(_read(path) or b"{}")
    except ValueError:
        return {}


def _read(path: Path) -> bytes | None:
    """None when it is not there (yet); the door rewrites whole files by renaming."""
    try:
        return path.read_bytes() if path.stat().st_size <= LONGEST else None
    except OSError:
        return None


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _bytes(text: object) -> bytes:
    """Decoded base64; empty for anything else."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""
