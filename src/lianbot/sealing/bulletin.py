"""The bulletin: six-digit codes that tell a reporter "there is something for you" without asking who."""

import hashlib
import json
import os
import struct
from dataclasses import dataclass, field

from lianbot.sealing.receipts import Random

CODES_PER_PACK = 12
REPLIES_PER_PACK = 8
PACKS = 3
CODES = CODES_PER_PACK * PACKS
MAGIC = b"lbbull01"
LEAVES_AT = 2048
STATEMENT_AT = 200
STATEMENT_ROOM = LEAVES_AT - STATEMENT_AT
STEP = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """What GET /c/b says to everybody alike. `week` is written 2026W47; leaves are 32-byte hashes."""

    week: str
    codes: tuple[int, ...]
    root: bytes = bytes(32)
    leaves: tuple[bytes, ...] = ()
    statement: dict[str, object] = field(default_factory=dict)


def code(key: bytes, week: str) -> int:
    """The reporter's code of that week, 0 to 999,999; shown and compared as six digits."""
    digest = hashlib.blake2b(b"b" + week.encode("ascii"), digest_size=16, key=key).digest()
    return int(struct.unpack(">I", digest[:4])[0] % 1_000_000)


def random_codes(count: int, week: str, random: Random = os.urandom) -> list[int]:
    """Codes of fresh random keys: they stand where nobody has to be told anything."""
    return [code(random(32), week) for _ in range(count)]


def write_bulletin(bulletin: Bulletin) -> bytes:
    """The file, always a whole number of 64 KiB steps: one step up to 1,984 rows in the store."""
    statement = json.dumps(bulletin.statement, ensure_ascii=False).encode()
    if len(statement) > STATEMENT_ROOM:
        raise ValueError(
            f"bulletin statement has {len(statement)} bytes, room is {STATEMENT_ROOM}"
        )
    head = MAGIC + bulletin.week.encode("ascii").ljust(8, b"\0")
    head += struct.pack(f"<{CODES}I", *sorted(bulletin.codes))
    head += bulletin.root + struct.pack("<II", len(bulletin.leaves), len(statement))
    body = head + statement.ljust(STATEMENT_ROOM, b"\0") + b"".join(bulletin.leaves)
    return body.ljust(-(-len(body) // STEP) * STEP, b"\0")


def read_bulletin(raw: bytes) -> Bulletin:
    """The bulletin of a file; raises ValueError for anything else."""
    if len(raw) < STEP or len(raw) % STEP or raw[:8] != MAGIC:
        raise ValueError("not a bulletin file")
    count, size = struct.unpack_from("<II", raw, 192)
    if LEAVES_AT + 32 * count > len(raw) or size > STATEMENT_ROOM:
        raise ValueError("bulletin file is cut short")
    return Bulletin(
        week=raw[8:16].rstrip(b"\0").decode("ascii"),
        codes=struct.unpack_from(f"<{CODES}I", raw, 16),
        root=raw[160:192],
        leaves=tuple(raw[LEAVES_AT + 32 * n : LEAVES_AT + 32 * n + 32] for n in range(count)),
        statement=json.loads(raw[STATEMENT_AT : STATEMENT_AT + size]),
    )
