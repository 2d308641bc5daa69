"""Official Account 订阅通知: one acceptance, one message; the person's accepting and refusing as events (§B3)."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from lianbot.twin.answers import RefusedError, done, json_body
from lianbot.twin.official_template import filled
from lianbot.twin.phones import Channel, Content, Phone, Side
from lianbot.twin.world import World, as_object

# Told the phone, the template and the msgid once the platform has finished with a notice.
Sent = Callable[[Phone, str, int], None]


class NoticeSend:
    """`message/subscribe/bizsend` for verified service accounts [S45][S47]."""

    def __init__(self, world: World, sent: Sent) -> None:
        self.world = world
        self.sent = sent

    async def handle(self, request: web.Request) -> web.Response:
        """POST /cgi-bin/message/subscribe/bizsend."""
        refused = self.world.switches.official_refuses_escapes
        body = await json_body(request, 47001, escapes_refused=refused)
        phone = self.world.by_openid.get(str(body.get("touser", "")))
        if phone is None:
            raise RefusedError(40003, "invalid openid")
        name = str(body.get("template_id", ""))
        # ids of template messages are not taken here [S47]
        template = self.world.official.notices.get(name)
        if template is None:
            raise RefusedError(40037, "invalid template_id")
        if self.world.switches.notice_needs_state and not body.get("miniprogram_state"):
            raise RefusedError(47001, "miniprogram_state missing")  # CONFLICT [S15]
        content = filled(
            template,
            as_object(body.get("data")),
            {**body, "url": body.get("page")},
            self.world.switches,
        )
        self._spend(phone, name)
        msgid = 2_500_000_000 + self.world.next_serial()
        self._show(phone, content, msgid)
        self.sent(phone, name, msgid)
        return done(msgid=msgid)

    def _spend(self, phone: Phone, name: str) -> None:
        """One acceptance is one message without an end; a long-term one stays [S45]."""
        left = phone.notices.get(name, 0)
        if left <= 0:
            raise RefusedError(43101, "user refuse to accept the msg")
        if name not in self.world.official.lasting_notices:
            phone.notices[name] = left - 1

    def _show(self, phone: Phone, content: Content, msgid: int) -> None:
        # followers see it in the account's chat, others in 服务通知 [S45]
        shown = {**content, "service_notice": not phone.followed}
        self.world.show(
            phone,
            Channel.OFFICIAL,
            Side.APP,
            "template",
            shown,
            msgid=str(msgid),
            by_api=True,
        )


def popup_event(choices: dict[str, bool], scene: int) -> Content:
    """subscribe_msg_popup_event: `List` is one object or several [S17]."""
    entries = [
        {
            "TemplateId": name,
            "SubscribeStatusString": "accept" if taken else "reject",
            "PopupScene": scene,
        }
        for name, taken in choices.items()
    ]
    return {"SubscribeMsgPopupEvent": {"List": entries}}


def change_event(names: list[str]) -> Content:
    """subscribe_msg_change_event: the person took the consent back [S18]."""
    entries = [{"TemplateId": name, "SubscribeStatusString": "reject"} for name in names]
    return {"SubscribeMsgChangeEvent": {"List": entries}}


def sent_event(name: str, msgid: int) -> Content:
    """subscribe_msg_sent_event [S18]."""
    entry = {"TemplateId": name, "MsgID": msgid, "ErrorCode": 0, "ErrorStatus": "success"}
    return {"SubscribeMsgSentEvent": {"List": [entry]}}
