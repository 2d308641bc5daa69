"""A reporter without a browser: the same requests as the page makes, for demos, tests and other programs."""

import base64
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from lianbot.sealing.bulletin import Bulletin, code
from lianbot.sealing.derivation import ReporterKeys, reporter_keys
from lianbot.sealing.envelope import (
    LETTER,
    NO_EPOCH,
    PHOTO_BODY,
    TAG,
    OpeningKey,
    dummy,
    open_envelope,
    seal,
)
from lianbot.sealing.receipts import new_receipt
from lianbot.sealing.recipients import Office, Recipients
from lianbot.sealing.stamps import make_stamp

PER_PAGE = 4
PAGES = 2
PHOTOS = 4

Post = Callable[[str, bytes], bytes]
"""Sends a body to a path below the door's origin (stamp in the query) and gives back the answer."""


class NotDeliveredError(RuntimeError):
    """The letter does not read back: refused by the bucket, or lost on the way."""


@dataclass(kw_only=True)
class Reporter:
    """One receipt and what can be done with it."""

    recipients: Recipients
    day: date
    post: Post
    receipt: str = field(default_factory=new_receipt)
    _keys: ReporterKeys | None = None

    @property
    def keys(self) -> ReporterKeys:
        """Derived once; a tenth of a second."""
        if self._keys is None:
            self._keys = reporter_keys(self.receipt, self.recipients.salt)
        return self._keys

    def file(
        self,
        text: str,
        *,
        kind: str = "concern",
        category: str = "other",
        place: str = "",
        knowing: str = "unsure",
        photos: Sequence[bytes] = (),
        leave_out: frozenset[str] = frozenset(),
    ) -> None:
        """Seal and send; NotDeliveredError when it does not read back."""
        readers = self._readers(category, leave_out)
        tags = self._send_photos(photos, readers)
        sent, _ = self._read()
        number = sent.index(None)
        body = {
            "v": 1,
            "t": kind,
            "i": number,
            "day": self.day.isoformat(),
            "category": category,
            "place": place,
            "knowing": knowing,
            "text": text,
            "photos": [tag.hex() for tag in tags],
            "rpk": _b64(self.keys.reply_public),
            "ko": _b64(self.keys.to_worker),
            "kb": _b64(self.keys.bulletin),
        }
        envelope = self._seal(json.dumps(body, ensure_ascii=False).encode(), number, readers)
        if not self._put(number, envelope):
            raise NotDeliveredError("the letter did not read back")

    def replies(self) -> list[dict[str, object]]:
        """All answers in the mailbox, oldest first."""
        own = OpeningKey(
            epoch=NO_EPOCH, public=self.keys.reply_public, secret=self.keys.reply_secret
        )
        _, received = self._read()
        opened = (
            open_envelope(row, site_salt=self.recipients.salt, keys=[own])
            for row in received
            if row
        )
        found: list[dict[str, object]] = [json.loads(one.body) for one in opened if one]
        return sorted(found, key=lambda reply: (str(reply["week"]), str(reply["j"])))

    def is_called(self, board: Bulletin) -> bool:
        """Whether the bulletin carries this receipt's code of the week."""
        return code(self.keys.bulletin, board.week) in board.codes

    def _readers(self, category: str, leave_out: frozenset[str]) -> list[bytes]:
        epoch = self.recipients.epoch_on(self.day)
        superior = [office for office in self.recipients.offices if office.superior]
        offices: Sequence[Office] = self.recipients.offices
        if category == "leader" and superior:
            offices = superior
        return [office.keys[epoch] for office in offices if office.id not in leave_out]

    def _seal(self, body: bytes, number: int, readers: Sequence[bytes]) -> bytes:
        return seal(
            body,
            tag=self.keys.w(number),
            epoch=self.recipients.epoch_on(self.day),
            site_salt=self.recipients.salt,
            readers=readers,
        )

    def _send_photos(self, photos: Sequence[bytes], readers: Sequence[bytes]) -> list[bytes]:
        if not photos:
            return []
        tags = [os.urandom(TAG) for _ in photos]
        sealed = [
            seal(
                raw,
                tag=tag,
                epoch=self.recipients.epoch_on(self.day),
                site_salt=self.recipients.salt,
                readers=readers,
                padded=PHOTO_BODY,
            )
            for raw, tag in zip(photos, tags, strict=True)
        ]
        spare = PHOTOS - len(sealed)
        sealed += [dummy(self.recipients.salt, padded=PHOTO_BODY) for _ in range(spare)]
        body = b"".join(sealed)
        self.post(f"/c/m?s={make_stamp(body).hex()}", body)
        return tags

    def _read(self) -> tuple[list[bytes | None], list[bytes | None]]:
        sent: list[bytes | None] = []
        received: list[bytes | None] = []
        for page in range(8):
            rows = self._exchange(0, page, os.urandom(LETTER), os.urandom(16))
            sent += rows[:PER_PAGE]
            received += rows[PER_PAGE:]
            if page + 1 >= PAGES and None in rows[:PER_PAGE] and not any(rows[PER_PAGE:]):
                break
        return sent, received

    def _put(self, number: int, envelope: bytes) -> bool:
        rows = self._exchange(1, number // PER_PAGE, envelope, make_stamp(envelope))
        return rows[number % PER_PAGE] == envelope

    def _exchange(self, flag: int, page: int, envelope: bytes, stamp: bytes) -> list[bytes | None]:
        numbers = range(page * PER_PAGE, (page + 1) * PER_PAGE)
        tags = [self.keys.w(n) for n in numbers] + [self.keys.o(n) for n in numbers]
        body = bytes([flag]) + b"".join(tags) + envelope
        answer = self.post(f"/c/x?s={stamp.hex()}", body)
        rows = (answer[at : at + LETTER] for at in range(0, len(answer), LETTER))
        return [row if row[:TAG] == tag else None for row, tag in zip(rows, tags, strict=True)]


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
