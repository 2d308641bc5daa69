"""WeCom `message/send`, the hot path: limits, partial failures and the duplicate check."""

from __future__ import annotations

import hashlib
import json
from collections import deque

from aiohttp import web

from lianbot.twin.answers import RefusedError, answer, json_body, raise_refusal
from lianbot.twin.cards import INTERACTIVE, check_card
from lianbot.twin.phones import Channel, Client, Content, Phone, Side
from lianbot.twin.wecom_contents import checked_content
from lianbot.twin.wording import SEE_IN_WECOM
from lianbot.twin.world import SentMessage, World, bytes_cut, day_of

_NOBODY = "invaliduser", "invalidparty", "invalidtag", "unlicenseduser"


class WecomSend:
    """One app's sends; keeps the duplicate check and the day's count."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._day = 0
        self._day_count = 0

    async def handle(self, request: web.Request) -> web.Response:
        """POST /cgi-bin/message/send."""
        world = self.world
        now = world.clock.now()
        raise_refusal(world.wecom_tokens.refusal(request.query.get("access_token"), now))
        body = await json_body(
            request, 40063, escapes_refused=world.switches.wecom_refuses_escapes
        )
        self.check_agent(body)
        key = await self._duplicate_key(request, body)
        if key is not None and (known := world.duplicates.find(key, now)) is not None:
            world.count("wecom.duplicates")
            return answer(known)
        payload = self._send(body, now)
        if key is not None:
            self._remember(key, now, body, payload)
        return answer(payload)

    # duplicate check ---------------------------------------------------------------------

    async def _duplicate_key(self, request: web.Request, body: Content) -> bytes | None:
        if body.get("enable_duplicate_check") != 1:
            return None
        if self.world.switches.duplicate_by == "json":
            raw = json.dumps(body, sort_keys=True).encode()
        else:
            raw = await request.read()
        return hashlib.sha256(raw).digest()

    def _remember(self, key: bytes, now: float, body: Content, payload: Content) -> None:
        # Default 1800 s, at most four hours [S71][S67].
        asked = body.get("duplicate_check_interval", 1800)
        interval = min(asked, 14_400) if isinstance(asked, int) and asked > 0 else 1800
        self.world.duplicates.remember(key, now + interval, payload)

    # sending -----------------------------------------------------------------------------

    def check_agent(self, body: Content) -> None:
        """The agentid must be the token's app."""
        agent = body.get("agentid")
        if agent is None:
            raise RefusedError(41011, "agentid missing")
        if not str(agent).isdigit():
            raise RefusedError(40056, "invalid agentid")
        if int(agent) != self.world.wecom.agent_id:
            raise RefusedError(301002, "agentid does not match the token's app")

    def _send(self, body: Content, now: float) -> Content:
        world = self.world
        people, payload = self._recipients(body)
        kind, content = checked_content(body, world)
        self._count_day(len(people), now)
        if kind == "template_card":
            check_card(content["template_card"], world)
        message = SentMessage(f"twin{world.next_serial():012d}", now)
        for phone in people:
            self._deliver(phone, kind, content, message)
        world.sent[message.msgid] = message
        payload["msgid"] = message.msgid
        if kind == "template_card" and content["template_card"]["card_type"] in INTERACTIVE:
            payload["response_code"] = world.give_update_code(message.lines)
        return payload

    def _recipients(self, body: Content) -> tuple[list[Phone], Content]:
        """Reachable phones and the payload naming the others; none at all is 81013."""
        users, parties, tags = (
            _pipes(body, "touser"),
            _pipes(body, "toparty"),
            _pipes(body, "totag"),
        )
        if not users and not parties and not tags:
            raise RefusedError(40063, "touser, toparty and totag are all empty")
        _check_counts(users, parties, tags)
        payload: Content = {"errcode": 0, "errmsg": "ok"}
        if users == ["@all"]:
            people = [p for p in self.world.members() if p.client in (Client.WECOM, Client.PLAIN)]
            return people, payload
        people, invalid, unlicensed = self._sorted_out(users)
        # Ids come back lower-cased; partial failure is errcode 0 [S67][S71].
        for name, values in zip(_NOBODY, (invalid, parties, tags, unlicensed), strict=True):
            if values:
                payload[name] = "|".join(values)
        if not people and not unlicensed and len(invalid) == len(users):
            named = {k: v for k, v in payload.items() if k in _NOBODY}
            raise RefusedError(81013, "user & party & tag all invalid", **named)
        return people, payload

    def _sorted_out(self, users: list[str]) -> tuple[list[Phone], list[str], list[str]]:
        people: dict[str, Phone] = {}
        invalid: list[str] = []
        unlicensed: list[str] = []
        silent = self.world.switches.inactive_member == "silent"
        for user in users:
            phone = self.world.by_userid.get(user.lower())
            if phone is None or phone.client is Client.NONE:
                invalid.append(user.lower())
            elif phone.client is Client.UNLICENSED:
                unlicensed.append(user.lower())
            elif phone.client is not Client.INACTIVE:
                people[phone.id] = phone
            elif not silent:
                invalid.append(user.lower())
        return list(people.values()), invalid, unlicensed

    def _count_day(self, people: int, now: float) -> None:
        # Account cap x 200 person-times a day and app [S71][S72].
        day = day_of(now)
        if day != self._day:
            self._day, self._day_count = day, 0
        if self._day_count + people > self.world.wecom.account_cap * 200:
            raise RefusedError(self.world.switches.daily_cap_errcode, "api freq out of limit")
        self._day_count += people

    def _deliver(self, phone: Phone, kind: str, content: Content, message: SentMessage) -> None:
        if _over_member_limit(phone.sent_at, message.at):
            # Above 30 a minute or 1,000 an hour: dropped without a word, errcode 0 [S71][S72].
            self.world.count("wecom.dropped")
            return
        phone.sent_at.append(message.at)
        if self.world.switches.plain_home_page_only and phone.client is Client.PLAIN:
            kind, content = _home_page_text(kind, content)
        bubble = self.world.show(
            phone,
            Channel.WECOM,
            Side.APP,
            kind,
            content,
            msgid=message.msgid,
            at=message.at,
            by_api=True,
        )
        message.lines.append((phone, bubble))


def _over_member_limit(sent_at: deque[float], now: float) -> bool:
    size = len(sent_at)
    if size >= 30 and now - sent_at[-30] < 60:
        return True
    return size >= 1000 and now - sent_at[0] < 3600


def _home_page_text(kind: str, content: Content) -> tuple[str, Content]:
    # "始终进入主页": ordinary WeChat gets 20 bytes of text, other kinds a pointer [S71].
    text = str(content["text"]["content"]) if kind == "text" else SEE_IN_WECOM
    shown = bytes_cut(text, 20) if kind == "text" else text
    return "text", {"msgtype": "text", "text": {"content": shown}}


def _pipes(body: Content, name: str) -> list[str]:
    value = body.get(name)
    if value is None or value == "":
        return []
    if not isinstance(value, str):
        # Arrays belong to update_template_card, not here [S67].
        raise RefusedError(40035, f"{name}: a string with | between ids is expected")
    return [each for each in value.split("|") if each]


def _check_counts(users: list[str], parties: list[str], tags: list[str]) -> None:
    if len(users) > 1000:
        raise RefusedError(40032, "invalid userid list size, at most 1000")  # [S71]
    if len(parties) > 100:
        raise RefusedError(82002, "too many parties, at most 100")
    if len(tags) > 100:
        raise RefusedError(82003, "too many tags, at most 100")
