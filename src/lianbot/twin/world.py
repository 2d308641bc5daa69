"""Everything the twin knows: accounts, people, messages, clock, dice, faults."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lianbot.twin.accounts import ConfigError, OfficialAccount, Switches, WecomAccount
from lianbot.twin.cardbook import CardBook, UpdateCode
from lianbot.twin.clock import TwinClock
from lianbot.twin.faults import Faults
from lianbot.twin.memory import DuplicateBook, MassBook, QuotaBook
from lianbot.twin.phones import (
    Bubble,
    Channel,
    Client,
    Content,
    Phone,
    Side,
    checked_changes,
    phone_from,
)
from lianbot.twin.tokens import Refusal, TokenBook, random_word

_MSG_ID_BASE = 7_300_000_000_000_000_000  # MsgId is a 64-bit integer [S6]


@dataclass(slots=True)
class SentMessage:
    """One accepted send and the lines it became."""

    msgid: str
    at: float
    lines: list[tuple[Phone, Bubble]] = field(default_factory=list)


@dataclass(slots=True)
class Media:
    """An uploaded file; temporary ones live three days [S67][S62]."""

    kind: str
    name: str
    content_type: str
    body: bytes
    expires: float


@dataclass(slots=True)
class OauthCode:
    """A single-use code of the in-app browser."""

    channel: Channel
    phone_id: str
    scope: str
    expires: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class QrTicket:
    """A parametric QR code of the Official Account [S64]."""

    scene: str
    expires: float


class World:
    """The state of both platforms. Mutable, one event loop, no locks."""

    def __init__(self, clock: TwinClock, seed: int | None = None) -> None:
        self.clock = clock
        self.dice = random.Random(seed)  # noqa: S311 - a repeatable stand-in, nothing here is secret
        self.faults = Faults(seed)
        self.switches = Switches()
        self.wecom = WecomAccount()
        self.official = OfficialAccount()
        self.wecom_tokens = TokenBook(self.dice, Refusal(40014, "invalid access_token"))
        credential = Refusal(40001, "invalid credential, access_token is invalid or not latest")
        self.official_tokens = TokenBook(self.dice, credential, size=136)
        self.stable_tokens = TokenBook(self.dice, credential, size=136)
        self.phones: dict[str, Phone] = {}
        self.by_userid: dict[str, Phone] = {}
        self.by_openid: dict[str, Phone] = {}
        self.sent: dict[str, SentMessage] = {}
        self.media: dict[str, Media] = {}
        self.cards = CardBook()
        self.mass = MassBook()
        self.quotas = QuotaBook()
        self.duplicates = DuplicateBook()
        self.template_ids: dict[str, tuple[int, float]] = {}  # openid + client_msg_id [S14]
        self.codes: dict[str, OauthCode] = {}
        self.tickets: dict[str, QrTicket] = {}
        self.counters: dict[str, int] = {}
        self.banner: Content = {}
        self.version = 0
        self.roster = 0  # grows when phones come or go
        self._bubble_id = 0
        self._serial = 0
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    # people ------------------------------------------------------------------------------

    def add_people(self, records: Iterable[Content]) -> list[Phone]:
        """Add phones in bulk, all or none; a known id, userid or openid is an error."""
        made = [phone_from(each, f"people[{i}]") for i, each in enumerate(records)]
        self._refuse_doubles(made)
        self.roster += 1
        for phone in made:
            self.phones[phone.id] = phone
            self.by_userid[phone.userid.lower()] = phone
            self.by_openid[phone.openid] = phone
            self.touch(phone)
        return made

    def change_people(self, changes: list[tuple[Phone, Content]]) -> None:
        """Change people's fields, all or none."""
        checked = [(phone, _changeable(phone, fields)) for phone, fields in changes]
        for phone, fields in checked:
            for name, value in fields.items():
                setattr(phone, name, value)
            self.touch(phone)

    def remove_person(self, phone: Phone) -> None:
        """Forget a phone with all it received."""
        self.phones.pop(phone.id, None)
        self.by_userid.pop(phone.userid.lower(), None)
        self.by_openid.pop(phone.openid, None)
        self.version += 1
        self.roster += 1

    def replace_people(self, phones: list[Phone]) -> None:
        """Other people instead of these, as loaded from a saved state."""
        self.phones = {each.id: each for each in phones}
        self.by_userid = {each.userid.lower(): each for each in phones}
        self.by_openid = {each.openid: each for each in phones}
        self.version = max((each.version for each in phones), default=0) + 1
        self.roster += 1

    def members(self) -> list[Phone]:
        """The phones whose owners are in the corp's directory."""
        return [each for each in self.phones.values() if each.client is not Client.NONE]

    def _refuse_doubles(self, made: list[Phone]) -> None:
        ids, users, openids = set(self.phones), set(self.by_userid), set(self.by_openid)
        for i, phone in enumerate(made):
            for name, value, known in (
                ("id", phone.id, ids),
                ("userid", phone.userid.lower(), users),
                ("openid", phone.openid, openids),
            ):
                if value in known:
                    raise ConfigError(f"people[{i}]: {name} {value!r} exists already")
                known.add(value)

    # messages ----------------------------------------------------------------------------

    def show(
        self,
        phone: Phone,
        channel: Channel,
        side: Side,
        kind: str,
        content: Content,
        *,
        msgid: str = "",
        at: float | None = None,
        by_api: bool = False,
    ) -> Bubble:
        """Put one line on a phone."""
        self._bubble_id += 1
        moment = self.clock.now() if at is None else at
        bubble = Bubble(self._bubble_id, channel, side, kind, content, moment, msgid)
        bubble.by_api = by_api
        bubble.plain_hides = (
            channel is Channel.WECOM and side is Side.APP and kind in self.switches.plain_hides
        )
        phone.bubbles.append(bubble)
        if side is Side.APP:
            phone.unread += 1
        self.touch(phone)
        return bubble

    def touch(self, phone: Phone) -> None:
        """Something on this phone changed."""
        self.version += 1
        phone.version = self.version
        if self._waiters:
            self._wake()

    def next_msg_id(self) -> int:
        """A MsgId for a message of a person."""
        self._serial += 1
        return _MSG_ID_BASE + self._serial

    def next_serial(self) -> int:
        """A number never given before."""
        self._serial += 1
        return self._serial

    def marks(self) -> tuple[int, int]:
        """The last line number and the last serial, for a saved state."""
        return self._bubble_id, self._serial

    def set_marks(self, marks: tuple[int, int]) -> None:
        """Go on counting where a saved state stopped."""
        self._bubble_id, self._serial = marks

    def word(self, size: int) -> str:
        """An opaque random word."""
        return random_word(self.dice, size)

    def count(self, name: str) -> None:
        """One more of `name` in the figures of `/twin/api/stats`."""
        self.counters[name] = self.counters.get(name, 0) + 1

    def give_update_code(self, lines: list[tuple[Phone, Bubble]]) -> str:
        """A fresh response_code for these lines [S79]."""
        code = self.word(43)
        expires = self.clock.now() + self.switches.response_code_hours * 3600
        self.cards.codes[code] = UpdateCode(lines, expires)
        return code

    # waiting -----------------------------------------------------------------------------

    async def wait_until(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        """Return when the condition holds after some change; TimeoutError otherwise."""
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (condition, future)
        self._waiters.append(entry)
        try:
            async with asyncio.timeout(timeout):
                await future
        finally:
            if entry in self._waiters:
                self._waiters.remove(entry)

    def _wake(self) -> None:
        for entry in list(self._waiters):
            condition, future = entry
            if not future.done() and condition():
                future.set_result(None)
                self._waiters.remove(entry)


def _changeable(phone: Phone, changes: Content) -> Content:
    place = f"phone {phone.id}"
    checked = checked_changes(changes, place)
    if {"id", "userid", "openid"} & checked.keys():
        raise ConfigError(f"{place}: id, userid and openid are fixed; add another phone")
    return checked


def day_of(now: float) -> int:
    """The natural day in Asia/Shanghai, counted from the epoch."""
    return int((now + 28_800) // 86_400)


def bytes_cut(text: str, limit: int) -> str:
    """The longest beginning of `text` within `limit` UTF-8 bytes, no character split."""
    raw = text.encode()
    return text if len(raw) <= limit else raw[:limit].decode(errors="ignore")


def as_object(value: Any) -> Content:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}
