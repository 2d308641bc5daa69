"""The officer's desk: key file, case book and recipients as they lie in files, read and written whole."""

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lianbot.officer.book import Book, read_book, write_book
from lianbot.officer.keyfile import OfficerKeys, read_keyfile, write_keyfile
from lianbot.officer.opening import Harvest, SealedFileError, open_photos, open_sealed
from lianbot.officer.passphrases import new_passphrase
from lianbot.sealing import intake
from lianbot.sealing.envelope import LETTER
from lianbot.sealing.recipients import (
    Office,
    Recipients,
    RecipientsError,
    office_of,
    office_record,
    read_recipients,
    write_recipients,
)
from lianbot.sealing.weeks import monday_of, quarter_name


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
        return read_book(text_of(self.book_path), self.keys.book_key)

    def keep(self, book: Book, act: str, about: str = "") -> None:
        """Write the book with one more line in its record."""
        noted = book.noted(self.today, self.keys.office, act, about)
        replace_private(self.book_path, write_book(noted, self.keys.book_key))

    def open(self, sealed: Path, recipients: Recipients) -> Harvest:
        """Open a fetched sealed.bin into the book and keep it.

        What our keys cannot open counts as seen for good, so the wrong list, an old key file or half a file is refused.
        """
        _fits(self.keys, recipients, self.today)
        raw = sealed.read_bytes()
        harvest = open_sealed(
            raw,
            book=self.book(),
            keys=self.keys.opening,
            salt=recipients.salt,
            week=week_beside(sealed, raw),
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
    keys = read_keyfile(text_of(key), passphrase)
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
    except (ValueError, KeyError, TypeError, RecursionError) as bad:
        raise RecipientsError(f"{path}: 不是办公室的公开文件（{type(bad).__name__}）") from bad


def make_recipients(
    keys: OfficerKeys, offices: tuple[Office, ...], log: str, today: date, previous: Path | None
) -> str:
    """The signed list. Salt and serial go on from the previous one: another salt would orphan every receipt."""
    salt, serial = os.urandom(16), 1
    if previous is not None and previous.exists():
        before = read_recipients(text_of(previous))
        salt, serial, log = before.salt, before.serial + 1, log or before.log
    if not log:
        raise RecipientsError("--log：请给出确认账的名字 lianbot/<16 位十六进制>")
    listed = Recipients(log=log, salt=salt, serial=serial, day=today, offices=offices)
    return write_recipients(listed, keys.signing)


def recipients_beside(sealed: Path, named: Path | None) -> Recipients:
    """recipients.json as named, or beside the file (fetched, or a key), or one folder up."""
    for path in (
        (named,)
        if named
        else (sealed.parent / "recipients.json", sealed.parent.parent / "recipients.json")
    ):
        if path is not None and path.exists():
            return read_recipients(text_of(path))
    if named:
        raise RecipientsError(f"没有 {named} 这个文件；请核对 --recipients")
    raise RecipientsError(
        f"{sealed.parent} 里没有 recipients.json（公布的收信人名单）；请从控制台“信箱文件”取来，或用 --recipients 指明"
    )


def week_beside(sealed: Path, raw: bytes) -> str:
    """The week of the flush that wrote the file, empty when no intake.json came with it."""
    path = sealed.parent / "intake.json"
    if not path.exists():
        return ""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        week, listed = str(found["week"]), found["leaves"]
        monday_of(week)
    except (ValueError, KeyError, TypeError, RecursionError) as bad:
        raise SealedFileError(f"{path}：读不懂；请和 sealed.bin 一起重新取一次") from bad
    rows = (raw[at : at + LETTER] for at in range(0, len(raw), LETTER))
    if listed != [intake.leaf(row).hex() for row in rows]:
        raise SealedFileError(
            f"{sealed} 和旁边的 intake.json 对不上：不是同一天的，或者没有拷全；请两个一起重新取一次"
        )
    return week


def _fits(keys: OfficerKeys, recipients: Recipients, today: date) -> None:
    """The list names this office with this signing key, and the quarter's key lies in the key file."""
    own, epoch = keys.public, recipients.epoch_on(today)
    listed = next((one for one in recipients.offices if one.id == own.id), None)
    if listed is None or listed.sign != own.sign:
        raise SealedFileError("收信人名单里没有这把钥匙；请核对 recipients.json。什么也没有打开")
    if listed.keys.get(epoch) != own.keys.get(epoch):
        raise SealedFileError(
            f"这个钥匙文件里没有名单上 {quarter_name(epoch)} 的钥匙；请用加过这一季度的那个文件。什么也没有打开"
        )


def text_of(path: Path) -> str:
    """The file's text; SealedFileError naming the file when it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as bad:
        raise SealedFileError(f"{path}：不是文本文件；请核对拿的是哪个文件") from bad


def replace_private(path: Path, content: str | bytes) -> None:
    """Only the owner may read it; either the old file or the new one is there."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
