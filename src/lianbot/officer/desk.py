"""The officer's desk: key file, case book and recipients as they lie in files, read and written whole."""

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lianbot.officer.book import Book, read_book, write_book
from lianbot.officer.keyfile import OfficerKeys, read_keyfile, write_keyfile
from lianbot.officer.opening import Harvest, open_photos, open_sealed
from lianbot.officer.passphrases import new_passphrase
from lianbot.sealing.recipients import (
    Office,
    Recipients,
    RecipientsError,
    office_of,
    office_record,
    read_recipients,
    write_recipients,
)
from lianbot.sealing.weeks import week_of


@dataclass(kw_only=True)
class Desk:
    """Keys in memory, and the book beside the key file."""

    keys: OfficerKeys
    book_path: Path
    today: date

    def book(self) -> Book:
        """The book, or an empty one before the first opening."""
        if not self.book_path.exists():
            return Book()
        return read_book(self.book_path.read_text(encoding="utf-8"), self.keys.book_key)

    def keep(self, book: Book, act: str, about: str = "") -> None:
        """Write the book with one more line in its record."""
        noted = book.noted(self.today, self.keys.office, act, about)
        replace_private(self.book_path, write_book(noted, self.keys.book_key))

    def open(self, sealed: Path, recipients: Recipients) -> Harvest:
        """Open a fetched sealed.bin into the book and keep it."""
        harvest = open_sealed(
            sealed.read_bytes(),
            book=self.book(),
            keys=self.keys.opening,
            salt=recipients.salt,
            week=week_beside(sealed, self.today),
            today=self.today,
        )
        self.keep(harvest.book, "open", " ".join((*harvest.new, *harvest.grown)))
        return harvest

    def photos(self, files: list[Path], recipients: Recipients) -> dict[str, bytes]:
        """Photos by tag of fetched media files."""
        opened: dict[str, bytes] = {}
        for file in files:
            opened |= open_photos(file.read_bytes(), keys=self.keys.opening, salt=recipients.salt)
        return opened


def officer_page() -> bytes:
    """The offline tool as one file; FileNotFoundError names the build command."""
    path = Path(__file__).parent / "page" / "officer.html"
    if not path.exists():
        raise FileNotFoundError(f"{path}: not built; run `npm ci && node build.mjs` in frontend/")
    return path.read_bytes()


def open_desk(key: Path, passphrase: str, today: date, book: Path | None = None) -> Desk:
    """Unlock the key file; the book lies beside it unless another is named."""
    keys = read_keyfile(key.read_text(encoding="utf-8"), passphrase)
    return Desk(keys=keys, book_path=book or key.with_suffix(".book"), today=today)


def make_key_files(keys: OfficerKeys, out: Path, passphrase: str | None = None) -> str:
    """Write the key file and its public half beside it; gives back the passphrase."""
    words = passphrase or new_passphrase()
    replace_private(out, write_keyfile(keys, words))
    public = json.dumps({"v": 1, "office": office_record(keys.public)}, ensure_ascii=False)
    out.with_suffix(".public.json").write_text(public + "\n", encoding="utf-8")
    return words


def read_public(path: Path) -> Office:
    """The office of a .public.json file; RecipientsError when it is none."""
    try:
        return office_of(json.loads(path.read_text(encoding="utf-8"))["office"])
    except (ValueError, KeyError, TypeError) as bad:
        raise RecipientsError(f"{path}: 不是办公室的公开文件（{type(bad).__name__}）") from bad


def make_recipients(
    keys: OfficerKeys, offices: tuple[Office, ...], log: str, today: date, previous: Path | None
) -> str:
    """The signed list. Salt and serial go on from the previous one: another salt would orphan every receipt."""
    salt, serial = os.urandom(16), 1
    if previous is not None and previous.exists():
        before = read_recipients(previous.read_text(encoding="utf-8"))
        salt, serial, log = before.salt, before.serial + 1, log or before.log
    if not log:
        raise RecipientsError("--log：请给出确认账的名字 lianbot/<16 位十六进制>")
    listed = Recipients(log=log, salt=salt, serial=serial, day=today, offices=offices)
    return write_recipients(listed, keys.signing)


def recipients_beside(sealed: Path, named: Path | None) -> Recipients:
    """recipients.json as named, or beside the fetched file, or one folder up."""
    for path in (
        (named,)
        if named
        else (sealed.parent / "recipients.json", sealed.parent.parent / "recipients.json")
    ):
        if path is not None and path.exists():
            return read_recipients(path.read_text(encoding="utf-8"))
    raise RecipientsError("找不到 recipients.json；请用 --recipients 指明")


def week_beside(sealed: Path, today: date) -> str:
    """The week of the flush that wrote the file."""
    intake = sealed.parent / "intake.json"
    if not intake.exists():
        return week_of(today)
    return str(json.loads(intake.read_text(encoding="utf-8"))["week"])


def replace_private(path: Path, text: str) -> None:
    """Only the owner may read it; either the old file or the new one is there."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
