"""A door in a temporary folder, two offices, a clock that stands still until it is moved."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from nacl.signing import SigningKey

from lianbot.door.app import Door, QuietRunner, make_app
from lianbot.door.bucket import Bucket
from lianbot.door.keeper import ANSWER, Keeper, open_keeper
from lianbot.door.page import Assets, Page
from lianbot.sealing import envelope
from lianbot.sealing.recipients import Office, Recipients, write_recipients

SALT = bytes(range(16))
SIGNER = SigningKey(b"\x05" * 32)


@dataclass
class Office_:  # noqa: N801 - an office together with its secrets
    id: str
    signing: SigningKey
    key: envelope.OpeningKey


@dataclass
class School:
    """The folder, the offices and the moving clock of one test."""

    folder: Path
    offices: list[Office_]
    now: datetime = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
    seconds: float = 0.0
    recipients: Recipients = field(init=False)

    def clock(self) -> datetime:
        return self.now

    def later(self, **step: float) -> None:
        self.now += timedelta(**step)
        self.seconds += timedelta(**step).total_seconds()

    def open(self, *, unlimited: bool = True) -> Keeper:
        keeper = open_keeper(self.folder, self.clock, lambda: self.seconds)
        if unlimited:
            keeper.letter_bucket = Bucket(seconds=lambda: 0.0, per_hour=10**9, per_day=10**9)
            keeper.photo_bucket = Bucket(seconds=lambda: 0.0, per_hour=10**9, per_day=10**9)
        return keeper

    def letter(self, tag: bytes | None = None, body: bytes = b"{}") -> bytes:
        return envelope.seal(
            body,
            tag=tag or os.urandom(16),
            epoch=28,
            site_salt=SALT,
            readers=[office.key.public for office in self.offices],
        )

    def photo(self) -> bytes:
        return envelope.seal(
            b"jpeg",
            tag=os.urandom(16),
            epoch=28,
            site_salt=SALT,
            readers=[],
            padded=envelope.PHOTO_BODY,
        )

    def ask(self, letter: bytes, *, put: bool = True, tags: list[bytes] | None = None) -> bytes:
        asked = (tags or [letter[:16]])[:8]
        asked += [os.urandom(16) for _ in range(8 - len(asked))]
        return bytes([put]) + b"".join(asked) + letter


@pytest.fixture
def school(tmp_path: Path) -> School:
    offices = [
        Office_(
            id=name,
            signing=SigningKey(bytes([n]) * 32),
            key=envelope.OpeningKey.from_seed(28, bytes([n]) * 32),
        )
        for n, name in enumerate(("hq", "jw"), start=1)
    ]
    made = School(folder=tmp_path / "door", offices=offices)
    made.folder.mkdir()
    made.recipients = Recipients(
        log="lianbot/0123456789abcdef",
        salt=SALT,
        serial=1,
        day=date(2026, 11, 30),
        offices=tuple(
            Office(
                id=office.id,
                name={"hq": "后勤纪检委员", "jw": "校纪委"}[office.id],
                superior=office.id == "jw",
                sign=bytes(office.signing.verify_key),
                keys={28: office.key.public},
            )
            for office in offices
        ),
    )
    (made.folder / "recipients.json").write_text(write_recipients(made.recipients, SIGNER))
    return made


@dataclass
class Wire:
    """Raw HTTP to a listening door, because a client library would tidy the answers."""

    host: str
    port: int

    async def raw(self, sent: bytes, patience: float = 10) -> bytes:
        """What comes back until the door hangs up; nothing after `patience` seconds of silence."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(sent)
            await writer.drain()
            async with asyncio.timeout(patience):
                return await reader.read()
        except (ConnectionResetError, BrokenPipeError, TimeoutError):
            return b""
        finally:
            writer.close()

    async def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        lines = [f"{method} {path} HTTP/1.1", "Host: door", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        answer = await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head, _, rest = answer.partition(b"\r\n\r\n")
        first, *others = head.decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in others)
        return int(first.split()[1]), {name.lower(): value for name, value in pairs}, rest

    async def put(self, school: School, letter: bytes) -> bool:
        """File one letter and say whether it reads back."""
        _, _, answer = await self.ask("POST", "/c/x", school.ask(letter))
        assert len(answer) == ANSWER
        return answer.startswith(letter)


@pytest.fixture
def door(school: School) -> Door:
    keeper = school.open()
    assets = Assets(
        frame="<style>/*STYLE*/</style><i id=site>/*DATA*/</i><script>/*SCRIPT*/</script>",
        script="let a=1",
        style="b{}",
    )
    page = Page(assets=assets, folder=school.folder, origin="http://door.test", salt=SALT)
    return Door(keeper=keeper, page=page)


@pytest.fixture
async def wire(door: Door) -> AsyncIterator[Wire]:
    runner = QuietRunner(make_app(door))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield Wire(host, port)
    finally:
        await runner.cleanup()
