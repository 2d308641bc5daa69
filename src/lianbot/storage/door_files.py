"""DOOR_DIR as files; whatever stands in them was written by another process and is read with care."""

import asyncio
import base64
import binascii
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from lianbot.domain.errors import InvalidInputError
from lianbot.ports.door_shelf import Attestation

ROOT_BYTES = 32
LONGEST = 16 * 1024 * 1024
_OFFICE = re.compile(r"[a-z0-9]{1,16}")


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
        return [
            Attestation(week=str(row["week"]), pub=pubs[row["officer"]], sig=_bytes(row["sig"]))
            for row in rows
            if isinstance(row, dict) and row.get("officer") in pubs
        ]

    async def officers(self) -> list[bytes]:
        outer = await self._json("recipients.json")
        try:
            inner = json.loads(outer.get("list", "{}"))
            return [_bytes(office["sign"]) for office in inner["offices"]]
        except (ValueError, KeyError, TypeError):
            return []

    async def sealed(self) -> bytes | None:
        return await asyncio.to_thread(_read, self._out / "sealed.bin")

    async def put_pack(self, office: str, pack: bytes) -> None:
        if not _OFFICE.fullmatch(office):
            raise InvalidInputError("回音包", f"{office} 不是一个处室的代号")
        await asyncio.to_thread(_replace, self._in / f"{office}.pack", pack)

    async def put_front(self, front: bytes) -> None:
        await asyncio.to_thread(_replace, self._in / "front.json", front)

    async def _json(self, name: str) -> dict[str, Any]:
        data = await asyncio.to_thread(_read, self._out / name)
        try:
            found = json.loads(data or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _read(path: Path) -> bytes | None:
    """None when it is not there (yet); the door rewrites whole files by renaming."""
    try:
        return path.read_bytes() if path.stat().st_size <= LONGEST else None
    except OSError:
        return None


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)


def _bytes(text: object) -> bytes:
    """Decoded base64; empty for anything else."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""
