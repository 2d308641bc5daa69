"""The keeper of the door: takes envelopes, answers exchanges, and once a day mixes everything together."""

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lianbot.door.board import (
    Board,
    PackShelf,
    attested,
    codes_of_week,
    statement_of,
)
from lianbot.door.bucket import Bucket
from lianbot.door.clock import Clock, school_day
from lianbot.door.files import SHELF, forget_unfinished, only_one, replace_file
from lianbot.door.spool import LETTERS_PER_BLOCK, PHOTOS_PER_BLOCK, Spool
from lianbot.door.store import Store
from lianbot.sealing import intake
from lianbot.sealing.bulletin import Bulletin
from lianbot.sealing.envelope import LETTER, PHOTO, TAG, dummy
from lianbot.sealing.packs import NOTHING_FETCHED
from lianbot.sealing.recipients import FILE as RECIPIENTS_FILE
from lianbot.sealing.recipients import Recipients, RecipientsError, read_recipients
from lianbot.sealing.stamps import envelope_mark, zero_bits
from lianbot.sealing.weeks import week_of, weeks_before

TAGS = 8
EXCHANGE = 1 + TAGS * TAG + LETTER
ANSWER = TAGS * LETTER
PHOTOS = PHOTOS_PER_BLOCK * PHOTO
PHOTO_ANSWER = PHOTOS_PER_BLOCK * 32
KEEP_WEEKS = 26
PIN_FILE = "signer"
PHOTO_PER_HOUR = 10
PHOTO_PER_DAY = 40


@dataclass(kw_only=True)
class Keeper:
    """All files of the door and the one lock before them."""

    folder: Path
    clock: Clock
    recipients: Recipients
    letters: Spool
    photos: Spool
    letter_store: Store
    photo_store: Store
    board: Board
    letter_bucket: Bucket
    photo_bucket: Bucket
    script_hash: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchange(self, body: bytes | bytearray, stamp: bytes) -> bytes:
        """The answer to POST /c/x: eight envelopes or random filler, whatever was asked or refused.

        A reader costs the same file rewrite as a writer, so that time tells nothing either.
        """
        flag, asked, envelope = body[0], bytes(body[1 : 1 + TAGS * TAG]), bytes(body[-LETTER:])
        with self._alone():
            with contextlib.suppress(OSError):  # a full disk answers like a full bucket
                self._take_letter(envelope, stamp, putting=flag == 1)
            found = [self._find(asked[at : at + TAG]) for at in range(0, len(asked), TAG)]
        return b"".join(row or os.urandom(LETTER) for row in found)

    def photo_exchange(self, body: bytes | bytearray, stamp: bytes) -> bytes:
        """The answer to POST /c/m: for each photo the hash of what lies here, or random filler."""
        sealed = [bytes(body[at : at + PHOTO]) for at in range(0, PHOTOS, PHOTO)]
        with self._alone():
            with contextlib.suppress(OSError):
                self._take_photos(sealed, zero_bits(stamp, envelope_mark(bytes(body))))
            kept = {row[:TAG]: row for row in self.photos.rows()}
            found = [kept.get(row[:TAG]) or self.photo_store.find(row[:TAG]) for row in sealed]
        return b"".join(intake.leaf(row)[16:] if row else os.urandom(32) for row in found)

    def cover(self) -> None:
        """Rewrite the spools whether or not anything came."""
        with self._alone():
            self.letters.rewrite()
            self.photos.rewrite()

    def flush(self) -> None:
        """Mix the day into the store, purge whole weeks, post what everybody may see."""
        with self._alone():
            day = school_day(self.clock)
            week = week_of(day)
            self._reload_recipients()
            packs = PackShelf(folder=self.folder / "in", recipients=self.recipients).packs(week)
            said = attested(packs, self.recipients)
            fetched = self._remember_attested(said, day)
            keep_from = min(weeks_before(week, KEEP_WEEKS), _next_week_text(fetched))
            replies = [reply for pack in packs for reply in pack.replies]
            fresh = self._whole_blocks([*self.letters.rows(), *replies])
            self.letter_store.rewrite(fresh, week=week, keep_from=keep_from, day=day)
            self.letters.renew()
            self.photo_store.rewrite(self.photos.rows(), week=week, keep_from=keep_from, day=day)
            self.photos.renew()
            self._post(week, keep_from, day)

    def post(self) -> None:
        """Write out/ from what is stored, without a flush (first start, new recipients)."""
        with self._alone():
            day = school_day(self.clock)
            self._post(week_of(day), "", day)

    def bulletin(self) -> bytes:
        """The static answer to GET /c/b."""
        return (self.board.folder / "bulletin.bin").read_bytes()

    def _reload_recipients(self) -> None:
        """New quarter keys count from the next flush; a broken list leaves the old one in force."""
        with contextlib.suppress(RecipientsError):
            fresh = load_recipients(self.folder)
            if fresh.salt == self.recipients.salt:
                self.recipients = fresh

    def _take_letter(self, envelope: bytes, stamp: bytes, *, putting: bool) -> None:
        bits = zero_bits(stamp, envelope_mark(envelope))
        known = self._find(envelope[:TAG]) is not None
        if putting and not known and self.letter_bucket.take(bits):
            self.letters.put(envelope)
        else:
            self.letters.rewrite()

    def _take_photos(self, sealed: Sequence[bytes], bits: int) -> None:
        known = {row[:TAG] for row in self.photos.rows()} | self.photo_store.tags()
        new = [row for row in sealed if row[:TAG] not in known]
        if new and self.photo_bucket.take(bits):
            self.photos.put(*new)
        else:
            self.photos.rewrite()

    def _find(self, tag: bytes) -> bytes | None:
        in_spool, in_store = self.letters.find(tag), self.letter_store.find(tag)
        return in_store or in_spool

    def _whole_blocks(self, fresh: list[bytes]) -> list[bytes]:
        """Dummies until the new rows are whole blocks again (a repeated pack has old rows in it)."""
        known = self.letter_store.tags()
        new = {row[:TAG] for row in fresh} - known
        missing = -len(new) % LETTERS_PER_BLOCK
        return fresh + [dummy(self.recipients.salt) for _ in range(missing)]

    def _post(self, week: str, keep_from: str, day: date) -> None:
        packs = PackShelf(folder=self.folder / "in", recipients=self.recipients).packs(week)
        leaves = self.board.post_rows((row[2] for row in self.letter_store.rows()), day)
        self.board.post_photos(week, self.photo_store.bodies_of(week), day)
        self.board.drop_photos_before(keep_from)
        with contextlib.suppress(RecipientsError):
            listed, fresh = read_list(self.folder)
            if fresh.salt == self.recipients.salt:
                replace_file(self.board.folder / RECIPIENTS_FILE, [listed.encode()], day, SHELF)
        root = self.board.post_intake(leaves, week, day, self.script_hash)
        self.board.post_attestations(packs, self.recipients, day)
        fillers = self.board.week_fillers(week, day)
        self.board.post_bulletin(
            Bulletin(
                week=week,
                codes=codes_of_week(packs, week, fillers, self.recipients),
                root=root,
                leaves=tuple(intake.leaf_hash(leaf) for leaf in leaves),
                statement=statement_of(packs),
            ),
            day,
        )

    def _remember_attested(self, said: dict[str, str], day: date) -> str:
        """The earliest week that every office has fetched; packs leave the shelf, this must not."""
        path = self.folder / "fetched.json"
        kept = json.loads(path.read_text(encoding="ascii")) if path.exists() else {}
        weeks: dict[str, str] = {
            office: max(week, kept.get(office, week)) for office, week in said.items()
        }
        replace_file(path, [json.dumps(weeks, sort_keys=True).encode()], day)
        return min(weeks.values())

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock, only_one(self.folder):
            yield


def open_keeper(
    folder: Path, clock: Clock, seconds: Callable[[], float], *, script_hash: str = ""
) -> Keeper:
    """Open DOOR_DIR; RecipientsError when there is no good list of who may read."""
    for name in ("in", "out"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    recipients = load_recipients(folder)

    def today() -> date:
        return school_day(clock)

    def spool(name: str, size: int, block: int) -> Spool:
        return Spool(
            path=folder / name, size=size, block=block, site_salt=recipients.salt, today=today
        )

    keeper = Keeper(
        folder=folder,
        clock=clock,
        recipients=recipients,
        letters=spool("spool.bin", LETTER, LETTERS_PER_BLOCK),
        photos=spool("media-spool.bin", PHOTO, PHOTOS_PER_BLOCK),
        letter_store=Store(path=folder / "concern.db"),
        photo_store=Store(path=folder / "media.db"),
        board=Board(folder=folder / "out", fillers=folder / "fillers.json"),
        letter_bucket=Bucket(seconds=seconds),
        photo_bucket=Bucket(seconds=seconds, per_hour=PHOTO_PER_HOUR, per_day=PHOTO_PER_DAY),
        script_hash=script_hash,
    )
    _start(keeper)
    return keeper


def load_recipients(folder: Path) -> Recipients:
    """The signed list; its first signer is pinned in DOOR_DIR/signer and no other is obeyed."""
    _, recipients = read_list(folder)
    pin = folder / PIN_FILE
    if not pin.exists():
        pin.write_text(_pin_of(recipients) + "\n", encoding="ascii")
    return recipients


def read_list(folder: Path) -> tuple[str, Recipients]:
    """The list as it is written and as it is understood; RecipientsError when it is not to be obeyed."""
    path, pin = folder / RECIPIENTS_FILE, folder / PIN_FILE
    try:
        raw = path.read_text(encoding="utf-8")
    except FileNotFoundError as missing:
        raise RecipientsError(
            f"{path}: missing; an officer makes it with `lianbot officer recipients`"
        ) from missing
    except ValueError as strange:
        raise RecipientsError(f"{path}: not a text file; make it again") from strange
    recipients = read_recipients(raw)
    if pin.exists() and pin.read_text(encoding="ascii").strip() != _pin_of(recipients):
        raise RecipientsError(
            f"{path}: signed by another key than the one pinned in {pin}; "
            "compare the fingerprint on the poster, then delete that file"
        )
    return raw, recipients


def _pin_of(recipients: Recipients) -> str:
    return hashlib.sha256(recipients.signer).hexdigest()


def _start(keeper: Keeper) -> None:
    with only_one(keeper.folder):
        for folder in (keeper.folder, keeper.board.folder):
            forget_unfinished(folder)
        day = school_day(keeper.clock)
        for store in (keeper.letter_store, keeper.photo_store):
            if not store.path.exists():
                store.rewrite((), week=week_of(day), keep_from="", day=day)
        keeper.letters.open()
        keeper.photos.open()
    keeper.post()


def _next_week_text(fetched: str) -> str:
    """Rows of weeks up to `fetched` may go: the first week that must stay."""
    return "" if fetched == NOTHING_FETCHED else weeks_before(fetched, -1)
