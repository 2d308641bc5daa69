"""Official Account template messages: typed fields, de-duplication, the result that comes later."""

from __future__ import annotations

import re
from collections.abc import Callable

from aiohttp import web

from lianbot.twin.accounts import Switches
from lianbot.twin.answers import RefusedError, answer, done, json_body
from lianbot.twin.phones import Channel, Content, Phone, Side
from lianbot.twin.wording import SERVICE_NOTICE
from lianbot.twin.world import World, as_object

# Told the phone, the msgid and the status once the platform has finished with a message.
Announce = Callable[[Phone, int, str], None]

_SLOT = re.compile(r"\{\{(\w+?)\.DATA\}\}")
_NAME = re.compile(r"([a-z_]+?)\d*")
_DUPLICATE_WITHIN = 600.0  # ten minutes [S14]
_DROPPED = frozenset({"first", "remark"})  # silently, since 2023-05-04 [S35][S36]
_HAN = "\u4e00-\u9fff"
_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
_HOUR = r"\d{1,2}:\d{2}(:\d{2})?"
_MOMENT = rf"({_DAY}( ?{_HOUR})?|{_HOUR})"

# What each field type takes [S38][S39]; the length of short_thing and const is a switch.
FIELD_RULES: dict[str, re.Pattern[str]] = {
    "thing": re.compile(r".{1,20}"),
    "short_thing": re.compile(r".+"),
    "const": re.compile(r".+"),
    "number": re.compile(r"(?=.{1,32}$)-?\d+(\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(rf"[^0-9A-Za-z{_HAN}\s]{{1,5}}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "time": re.compile(rf"{_MOMENT}([~～至]{_MOMENT})?"),
    "date": re.compile(rf"{_DAY}( ?{_HOUR})?([~～至]{_DAY}( ?{_HOUR})?)?"),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(\.\d{1,2})?元?"),
    "phone_number": re.compile(r"[0-9+\-() ]{1,17}"),
    "car_number": re.compile(rf"[{_HAN}A-Z0-9]{{1,8}}"),
    "name": re.compile(rf"[{_HAN}·]{{1,10}}|[A-Za-z .]{{1,20}}"),
    "phrase": re.compile(rf"[{_HAN}]{{1,5}}"),
}


class TemplateSend:
    """`message/template/send` for verified service accounts [S33][S14]."""

    def __init__(self, world: World, announce: Announce) -> None:
        self.world = world
        self.announce = announce

    async def handle(self, request: web.Request) -> web.Response:
        """POST /cgi-bin/message/template/send."""
        refused = self.world.switches.official_refuses_escapes
        body = await json_body(request, 47001, escapes_refused=refused)
        phone = self._recipient(body)
        template = self.world.official.templates.get(str(body.get("template_id", "")))
        if template is None:
            raise RefusedError(40037, "invalid template_id")
        name = str(body.get("client_msg_id") or "")
        key = f"{phone.openid} {name}" if name else ""
        if (known := self._known(key)) is not None:
            return done(msgid=known)
        content = filled(template, as_object(body.get("data")), body, self.world.switches)
        self._check_consent(phone)
        msgid = self.world.next_serial() + 3_000_000_000
        if key:
            until = self.world.clock.now() + _DUPLICATE_WITHIN
            self.world.template_ids[key] = (msgid, until)
        self._finish(phone, content, msgid)
        return done(msgid=msgid)

    async def list_all(self, _request: web.Request) -> web.Response:
        """The templates in use."""
        known = [
            {"template_id": each, "title": _title(text), "content": text}
            for each, text in self.world.official.templates.items()
        ]
        return answer({"template_list": known})

    def _recipient(self, body: Content) -> Phone:
        phone = self.world.by_openid.get(str(body.get("touser", "")))
        if phone is None:
            raise RefusedError(40003, "invalid openid")
        if not phone.followed:
            raise RefusedError(43004, "require subscribe")
        return phone

    def _known(self, key: str) -> int | None:
        """The msgid of the same openid and client_msg_id within ten minutes [S14]."""
        msgid, until = self.world.template_ids.get(key, (0, 0.0))
        return msgid if key and until > self.world.clock.now() else None

    def _check_consent(self, phone: Phone) -> None:
        # Undocumented for the Official Account but seen in the field [S43].
        if phone.template_off and self.world.switches.template_block == "errcode":
            raise RefusedError(43101, "user refuse to accept the msg")

    def _finish(self, phone: Phone, content: Content, msgid: int) -> None:
        status = phone.template_result or "success"
        if phone.template_off:
            status = "failed:user block"
        if self.world.switches.spaced_result_status:
            status = status.replace("failed:", "failed: ")  # older copies [S15]
        if status == "success":
            shown = str(msgid)
            self.world.show(
                phone, Channel.OFFICIAL, Side.APP, "template", content, msgid=shown, by_api=True
            )
        self.announce(phone, msgid, status)


def filled(template: str, data: Content, body: Content, switches: Switches) -> Content:
    """The message as the phone shows it, or 47003 naming the field."""
    rows = []
    for line in template.splitlines():
        slots = _SLOT.findall(line)
        if not slots:
            continue
        values = {name: _value(name, data, switches) for name in slots if name not in _DROPPED}
        label = _SLOT.split(line)[0].rstrip("：: ")
        if values:
            rows.append({"label": label, "value": " ".join(values.values())})
    # A mini program wins over the url where both are set [S14].
    url = "" if body.get("miniprogram") else str(body.get("url") or "")
    return {"msgtype": "template", "title": _title(template), "rows": rows, "url": url}


def _value(name: str, data: Content, switches: Switches) -> str:
    value = str(as_object(data.get(name)).get("value", ""))
    value = value.splitlines()[0] if value else ""  # a line break cuts the value [S37]
    found = _NAME.fullmatch(name)
    kind = found.group(1) if found else ""
    rule = FIELD_RULES.get(kind)
    longest = {"short_thing": switches.short_thing_limit, "const": switches.const_limit}
    too_long = len(value) > longest.get(kind, len(value))
    if not value or too_long or (rule is not None and not rule.fullmatch(value)):
        raise RefusedError(47003, f"argument invalid! data.{name}.value invalid")
    return value


def _title(template: str) -> str:
    first = template.splitlines()[0] if template else ""
    return SERVICE_NOTICE if _SLOT.search(first) or not first else first
