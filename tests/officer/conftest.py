"""Two offices with keys in memory, a door folder, a reporter that speaks to the keeper directly."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from PIL import Image

from lianbot.door.bucket import Bucket
from lianbot.door.keeper import Keeper, open_keeper
from lianbot.officer.desk import Desk
from lianbot.officer.keyfile import OfficerKeys, new_keys
from lianbot.sealing.recipients import Recipients, write_recipients
from lianbot.sealing.reporter import Reporter


@dataclass
class House:
    """The folder of the door and the two desks."""

    folder: Path
    keys: list[OfficerKeys]
    recipients: Recipients
    now: datetime = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
    keeper: Keeper | None = None

    @property
    def today(self) -> date:
        return (self.now + timedelta(hours=8)).date()

    def door(self) -> Keeper:
        if self.keeper is None:
            self.keeper = open_keeper(self.folder, lambda: self.now, lambda: 0.0)
            self.keeper.letter_bucket = Bucket(seconds=lambda: 0.0, per_hour=10**6, per_day=10**6)
        return self.keeper

    def desk(self, number: int = 0) -> Desk:
        book = self.folder.parent / f"{self.keys[number].office}.book"
        return Desk(keys=self.keys[number], book_path=book, today=self.today)

    def reporter(self, receipt: str | None = None) -> Reporter:
        made = Reporter(recipients=self.recipients, day=self.today, post=self.post)
        return (
            made
            if receipt is None
            else Reporter(
                recipients=self.recipients, day=self.today, post=self.post, receipt=receipt
            )
        )

    def post(self, path: str, body: bytes) -> bytes:
        stamp = bytes.fromhex(path.rpartition("=")[2])
        exchange: Callable[[bytes, bytes], bytes] = (
            self.door().exchange if path.startswith("/c/x") else self.door().photo_exchange
        )
        return exchange(body, stamp)

    @property
    def sealed(self) -> Path:
        return self.folder / "out" / "sealed.bin"


@pytest.fixture
def house(tmp_path: Path) -> House:
    folder = tmp_path / "door"
    folder.mkdir()
    keys = [
        new_keys("hq", "后勤纪检委员", 28),
        new_keys("jw", "校纪委", 28, superior=True),
    ]
    listed = Recipients(
        log="lianbot/0123456789abcdef",
        salt=bytes(range(16)),
        serial=1,
        day=date(2026, 11, 30),
        offices=tuple(one.public for one in keys),
    )
    (folder / "recipients.json").write_text(write_recipients(listed, SigningKey(b"\x05" * 32)))
    return House(folder=folder, keys=keys, recipients=listed)


@pytest.fixture
def jpeg() -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", (64, 48), "orange")
    picture.save(out, "JPEG", comment=b"taken by Zhang San", exif=b"Exif\x00\x00GPS-SECRET")
    return out.getvalue()
