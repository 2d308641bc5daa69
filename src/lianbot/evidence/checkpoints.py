"""Checkpoints as C2SP signed notes: the signed promise that the log had this root at this size."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lianbot.evidence import keys
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.fields import LOG, read_base64, read_minute, write_base64, write_minute

MAX_NOTE_BYTES = 65_536
MAX_SIGNATURES = 100

_SIZE = re.compile(r"[1-9][0-9]{0,15}")
_PREV = re.compile(r"prev ([1-9][0-9]{0,15}) (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """A size and the root (32 bytes) there."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What is signed: entries below `size` are not later than `minute`, the others not earlier."""

    log: str
    size: int
    root: bytes
    minute: datetime
    prev: TreeHead | None = None

    def text(self) -> bytes:
        """The signed bytes, up to and including the newline before the blank line."""
        LOG.write(self.log)
        if self.size < 1 or len(self.root) != 32:
            raise EvidenceError("a checkpoint has a size of at least 1 and a root of 32 bytes")
        lines = [self.log, str(self.size), write_base64(self.root)]
        lines.append(f"minute {write_minute(self.minute)}")
        if self.prev is not None:
            if not 1 <= self.prev.size < self.size:
                raise EvidenceError(f"prev {self.prev.size} is not smaller than {self.size}")
            lines.append(f"prev {self.prev.size} {write_base64(self.prev.root)}")
        return "".join(f"{line}\n" for line in lines).encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One line under a note; `signature` is 64 bytes for our signer, whatever a witness uses otherwise."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNote:
    """A parsed note; nothing in it is checked against a key yet."""

    checkpoint: Checkpoint
    signatures: Sequence[SignatureLine]


def key_id(name: str, pub: bytes) -> bytes:
    """First 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)."""
    return hashlib.sha256(name.encode("utf-8") + b"\n\x01" + pub).digest()[:4]


def sign_checkpoint(checkpoint: Checkpoint, *, name: str, seed: bytes) -> bytes:
    """The whole note, signed with the Ed25519 key of `seed` (32 bytes)."""
    keys.check_name(name)
    text = checkpoint.text()
    signed = key_id(name, keys.public_key(seed)) + keys.sign(seed, text)
    return text + b"\n" + f"— {name} {write_base64(signed)}\n".encode()


def parse_note(note: bytes) -> SignedNote:
    """The checkpoint and its signature lines; raises EvidenceError on any other form."""
    if len(note) > MAX_NOTE_BYTES:
        raise EvidenceError(f"{len(note)} bytes, at most {MAX_NOTE_BYTES} are allowed")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceError("not UTF-8") from error
    if any(char != "\n" and unicodedata.category(char) == "Cc" for char in whole):
        raise EvidenceError("a control character stands in the note")
    text, blank, signed = whole.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise EvidenceError("a note is text, a blank line and signature lines, each ended by LF")
    checkpoint = _read_text(text.split("\n"))
    if checkpoint.text() != f"{text}\n".encode():
        raise EvidenceError("the text is not in its one form")
    return SignedNote(checkpoint=checkpoint, signatures=_read_signatures(signed[:-1].split("\n")))


def open_note(note: bytes, *, name: str, pub: bytes) -> Checkpoint:
    """The checkpoint, once the signature of (name, pub) holds; lines of witnesses are passed over."""
    parsed = parse_note(note)
    wanted = key_id(name, pub)
    mine = [one for one in parsed.signatures if one.name == name and one.key_id == wanted]
    if len(mine) != 1:
        raise EvidenceError(f"{len(mine)} signature lines of {name}, not 1")
    if not keys.signature_holds(pub, parsed.checkpoint.text(), mine[0].signature):
        raise EvidenceError(f"the signature of {name} does not hold")
    return parsed.checkpoint


def _read_text(lines: list[str]) -> Checkpoint:
    if len(lines) not in (4, 5):
        raise EvidenceError("origin, size, root, minute and perhaps prev stand in a checkpoint")
    if not _SIZE.fullmatch(lines[1]):
        raise EvidenceError(f"size {lines[1]!r} is not a decimal number from 1")
    if not lines[3].startswith("minute "):
        raise EvidenceError(f"{lines[3]!r} is not the minute line")
    return Checkpoint(
        log=str(LOG.read(lines[0])),
        size=int(lines[1]),
        root=read_base64(lines[2], 32),
        minute=read_minute(lines[3].removeprefix("minute ")),
        prev=_read_prev(lines[4]) if len(lines) == 5 else None,
    )


def _read_prev(line: str) -> TreeHead:
    found = _PREV.fullmatch(line)
    if found is None:
        raise EvidenceError(f"{line!r} is not the prev line")
    return TreeHead(size=int(found[1]), root=read_base64(found[2], 32))


def _read_signatures(lines: list[str]) -> list[SignatureLine]:
    if len(lines) > MAX_SIGNATURES:
        raise EvidenceError(f"{len(lines)} signature lines, at most {MAX_SIGNATURES}")
    return [_read_signature(line) for line in lines]


def _read_signature(line: str) -> SignatureLine:
    mark, _, rest = line.partition(" ")
    name, _, coded = rest.partition(" ")
    if mark != "—":
        raise EvidenceError(f"{line!r} is not a signature line")
    data = read_base64(coded)
    if len(data) < 5:
        raise EvidenceError(f"{line!r} holds no signature")
    return SignatureLine(name=keys.check_name(name), key_id=data[:4], signature=data[4:])
