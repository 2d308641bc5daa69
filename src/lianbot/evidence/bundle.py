"""Writes an evidence bundle as a folder that is either whole and verified or not there, and reads one."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from lianbot.evidence import jcs
from lianbot.evidence.checkpoints import SignedNote, parse_note
from lianbot.evidence.commitments import Via, worker_commitment
from lianbot.evidence.editions import edition_hash
from lianbot.evidence.entries import Entry, parse_entry
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.keys import KeyBook
from lianbot.evidence.verify_bundle import Report, verify

ENCLOSED = {
    "verify.py": "verify_bundle.py",
    "verify.html": "enclosed/verify.html",
    "README.txt": "enclosed/README.txt",
}
"""Files of this package that go into every bundle, byte for byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOpened:
    """A person whose commitments may be matched to a name: UUID, name, roster number, salt (32 bytes)."""

    id: str
    name: str
    no: str
    salt: bytes

    def to_bytes(self) -> bytes:
        return jcs.canonical(
            {
                "id": self.id,
                "name": self.name,
                "no": self.no,
                "salt": self.salt.hex(),
                "worker": worker_commitment(self.salt, self.id),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailOpened:
    """How the answer at `seq` came and the words on its button, with the entry's salt (32 bytes)."""

    seq: int
    salt: bytes
    msgid: str
    via: Via
    wording: str

    def to_bytes(self) -> bytes:
        detail = {"msgid": self.msgid, "via": self.via.value, "wording": self.wording}
        return jcs.canonical({"detail": detail, "detail_salt": self.salt.hex(), "seq": self.seq})


def write_bundle(
    folder: Path,
    *,
    entries: Iterable[bytes],
    checkpoints: Iterable[bytes],
    editions: Iterable[bytes],
    rosters: Iterable[bytes],
    keys: KeyBook,
    disclosures: Iterable[WorkerOpened | DetailOpened] = (),
    anchors: Iterable[tuple[str, bytes]] = (),
) -> Report:
    """Write `folder`, which must be absent or empty; gives what the verifier found in it.

    `entries` in order of seq, `editions` with all quiz editions and media they name and nothing else,
    `anchors` as (file name, bytes). Everything is streamed into a folder beside it, verified there and
    renamed: a kill leaves a `.part-` folder, never half a bundle under the asked name. Raises
    EvidenceError for a folder in use or a bad name, BundleError for a ledger that does not verify.
    """
    folder = folder.absolute()
    with _beside(folder) as part:
        _write_lines(part / "entries.jsonl", entries)
        _write_file(part / "keys.json", keys.to_bytes())
        _write_folder(part / "checkpoints", ((_checkpoint_name(one), one) for one in checkpoints))
        _write_folder(part / "editions", ((edition_hash(one), one) for one in editions))
        _write_folder(part / "rosters", ((edition_hash(one), one) for one in rosters))
        _write_folder(part / "anchors", ((_anchor_name(name), data) for name, data in anchors))
        opened = [one.to_bytes() for one in disclosures]
        if opened:
            _write_lines(part / "disclosures.jsonl", opened)
        for name, source in ENCLOSED.items():
            _write_file(part / name, files("lianbot.evidence").joinpath(source).read_bytes())
        return verify(part)


def read_entries(folder: Path) -> Iterator[Entry]:
    """The entries of a bundle that was verified before, in order."""
    with (folder / "entries.jsonl").open("rb") as file:
        for line in file:
            yield parse_entry(line.removesuffix(b"\n"))


def read_checkpoints(folder: Path) -> list[SignedNote]:
    """The checkpoints of a bundle that was verified before, by size."""
    notes = [parse_note(path.read_bytes()) for path in (folder / "checkpoints").iterdir()]
    return sorted(notes, key=lambda note: note.checkpoint.size)


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of `folder` when all went well, and is removed when not."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EvidenceError(f"{folder}: not an empty folder; name a new one")
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.part-", dir=folder.parent))
    try:
        yield part
        part.chmod(0o755)
        _sync(part)
        _take_place(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _sync(folder.parent)


def _take_place(part: Path, folder: Path) -> None:
    try:
        if folder.exists():
            folder.rmdir()  # empty, or somebody else has just filled it: then this fails
        part.rename(folder)
    except OSError as error:
        reason = error.strerror
        raise EvidenceError(
            f"{folder}: cannot be put in place ({reason}); name a new one"
        ) from error


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    _write(path, lambda file: file.writelines(line + b"\n" for line in lines))


def _write_folder(folder: Path, named: Iterable[tuple[str, bytes]]) -> None:
    folder.mkdir()
    for name, data in named:
        _write_file(folder / name, data)
    _sync(folder)


def _write_file(path: Path, data: bytes) -> None:
    _write(path, lambda file: file.write(data))


def _write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    try:
        with path.open("xb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise EvidenceError(f"{path.parent.name}/{path.name} was given twice") from error


def _sync(folder: Path) -> None:
    """Make the names in a folder durable, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checkpoint_name(note: bytes) -> str:
    return f"{parse_note(note).checkpoint.size}.txt"


def _anchor_name(name: str) -> str:
    if not name or name != Path(name).name or name.startswith("."):
        raise EvidenceError(f"anchor {name!r} is not a plain file name")
    return name
