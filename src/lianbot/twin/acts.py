"""What a person does on the phone, and what the platforms make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lianbot.twin.cards import apply_update
from lianbot.twin.official_notice import change_event, popup_event
from lianbot.twin.phones import Bubble, Channel, Client, Content, Phone, Side
from lianbot.twin.pushes import Pushes, PushResult
from lianbot.twin.windows import Windows
from lianbot.twin.wording import FOLLOWED, SERVICE_DOWN, UNFOLLOWED
from lianbot.twin.world import World, as_object
from lianbot.twin.xmlbody import Fields

# Events a passive reply of any kind may answer [S4][S67].
_WECOM_REPLY_EVENTS = frozenset(
    {
        "subscribe",
        "enter_agent",
        "LOCATION",
        "click",
        "view",
        "view_miniprogram",
        "scancode_waitmsg",
        "template_card_menu_event",
    }
)
_UPDATES = frozenset({"update_button", "update_template_card"})
MASS_HELPER = "mphelper"
"""Who MASSSENDJOBFINISH comes from: the account's own helper, nobody on a roster [S16]."""


class ActError(ValueError):
    """Something this person cannot do now; the text says why."""


class Acts:
    """The people's side of both chats. Each act returns when the bot has answered."""

    def __init__(self, world: World, pushes: Pushes, windows: Windows) -> None:
        self.world = world
        self.pushes = pushes
        self.windows = windows

    # acts in a chat ----------------------------------------------------------------------

    async def type_text(
        self, phone: Phone, text: str, channel: Channel, *, menu_id: str = ""
    ) -> PushResult:
        """The person writes; `menu_id` marks a tap on an item of a msgmenu [S9][S10]."""
        self._can_write(phone, channel)
        fields: Fields = {"MsgType": "text", "Content": text, "MsgId": self.world.next_msg_id()}
        if menu_id:
            fields["bizmsgmenuid"] = menu_id
        self._line(phone, channel, "text", {"msgtype": "text", "text": {"content": text}})
        if channel is Channel.OFFICIAL:
            self.windows.grant(phone, "msgmenu" if menu_id else "message")
        return await self._push(phone, channel, fields)

    async def send_kind(
        self, phone: Phone, kind: str, fields: Fields, channel: Channel
    ) -> PushResult:
        """The person sends a voice, picture, place or link; `fields` as in §A6."""
        self._can_write(phone, channel)
        self._line(phone, channel, kind, {"msgtype": kind, kind: fields})
        if channel is Channel.OFFICIAL:
            self.windows.grant(phone, "message")
        if kind == "voice" and self.world.switches.voice_recognition == "empty":
            fields = {**fields, "Recognition": ""}  # present and empty since 2023 [S11][S12]
        body = {"MsgType": kind, **fields, "MsgId": self.world.next_msg_id()}
        return await self._push(phone, channel, body)

    async def enter(self, phone: Phone) -> PushResult:
        """The person opens the app's chat in WeCom: enter_agent, EventKey empty [S4]."""
        self._is_member(phone)
        return await self._event(phone, Channel.WECOM, "enter_agent", {"EventKey": ""})

    async def click_menu(self, phone: Phone, key: str, channel: Channel) -> PushResult:
        """A menu item of type click."""
        self._can_write(phone, channel)
        if channel is Channel.WECOM:
            return await self._event(phone, channel, "click", {"EventKey": key})
        self.windows.grant(phone, "menu")
        return await self._event(phone, channel, "CLICK", {"EventKey": key})

    async def view_menu(self, phone: Phone, url: str, channel: Channel) -> PushResult:
        """A menu item of type view: the event carries the address and the person [S7][S13]."""
        self._can_write(phone, channel)
        name = "view" if channel is Channel.WECOM else "VIEW"
        return await self._event(phone, channel, name, {"EventKey": url})

    async def subscribe(self, phone: Phone, scene: str = "", ticket: str = "") -> PushResult:
        """Follow the Official Account, by search or by a parametric QR code [S7]."""
        if ticket and not scene:
            scene = self._scene_of(ticket)
        if phone.followed:
            return await self._scan_as_follower(phone, scene, ticket)
        phone.followed, phone.followed_at = True, self.world.clock.now()
        phone.qr_scene = scene
        self._notice(phone, Channel.OFFICIAL, FOLLOWED)
        self.windows.grant(phone, "follow")
        fields: Fields = {"EventKey": f"qrscene_{scene}" if scene else ""}
        if scene:
            fields["Ticket"] = ticket
        return await self._event(phone, Channel.OFFICIAL, "subscribe", fields)

    def _scene_of(self, ticket: str) -> str:
        found = self.world.tickets.get(ticket)
        if found is None or found.expires <= self.world.clock.now():
            raise ActError("the QR code is unknown or has expired")
        return found.scene

    async def _scan_as_follower(self, phone: Phone, scene: str, ticket: str) -> PushResult:
        if not scene:
            raise ActError(f"phone {phone.id} follows already")
        self.windows.grant(phone, "scan")
        fields = {"EventKey": scene, "Ticket": ticket}
        return await self._event(phone, Channel.OFFICIAL, "SCAN", fields)

    async def unsubscribe(self, phone: Phone) -> PushResult:
        """Stop following: windows close, the event carries nothing else [S7]."""
        self._can_write(phone, Channel.OFFICIAL)
        phone.followed = False
        phone.grants.clear()
        self._notice(phone, Channel.OFFICIAL, UNFOLLOWED)
        return await self._event(phone, Channel.OFFICIAL, "unsubscribe", {"EventKey": ""})

    # 订阅通知 ----------------------------------------------------------------------------

    async def answer_notices(
        self, phone: Phone, choices: dict[str, bool], scene: int = 0
    ) -> PushResult:
        """The popup of an article or page: taken or refused, template by template [S17]."""
        known = self.world.official.notices
        if not choices or not set(choices) <= set(known):
            raise ActError(f"known notices: {', '.join(known) or 'none'}")
        for name, taken in choices.items():
            phone.notices[name] = phone.notices.get(name, 0) + 1 if taken else 0
        fields = popup_event(choices, scene)
        return await self._event(phone, Channel.OFFICIAL, "subscribe_msg_popup_event", fields)

    async def drop_notices(self, phone: Phone, names: list[str]) -> PushResult:
        """Taken back in the account's settings [S18]."""
        for name in names:
            phone.notices.pop(name, None)
        fields = change_event(names)
        return await self._event(phone, Channel.OFFICIAL, "subscribe_msg_change_event", fields)

    # template cards ----------------------------------------------------------------------

    async def tap(
        self,
        phone: Phone,
        bubble_id: int,
        key: str = "",
        selected: dict[str, list[str]] | None = None,
    ) -> PushResult:
        """Tap a button of a card: template_card_event with a fresh ResponseCode [S68][S79].

        `key` is the button's key or its text; it may be left out where there is one button only.
        """
        self._is_member(phone)
        bubble = _tappable(phone, bubble_id)
        card = as_object(bubble.content.get("template_card"))
        code = self.world.give_update_code([(phone, bubble)])
        fields: Fields = {
            "EventKey": _button_key(card, key),
            "TaskId": card.get("task_id", ""),
            "CardType": card["card_type"],
            "ResponseCode": code,
        }
        if selected:
            fields["SelectedItems"] = {"SelectedItem": _selected(selected)}
        return await self._event(
            phone, Channel.WECOM, "template_card_event", fields, bubble=bubble
        )

    async def tap_card_menu(self, phone: Phone, bubble_id: int, key: str) -> PushResult:
        """Tap an entry of a card's action menu: template_card_menu_event."""
        self._is_member(phone)
        bubble = _tappable(phone, bubble_id)
        card = as_object(bubble.content.get("template_card"))
        actions = as_object(card.get("action_menu")).get("action_list", [])
        if key not in {as_object(each).get("key") for each in actions}:
            raise ActError(f"message {bubble_id} has no menu entry {key!r}")
        fields: Fields = {
            "EventKey": key,
            "TaskId": card.get("task_id", ""),
            "CardType": card["card_type"],
            "ResponseCode": self.world.give_update_code([(phone, bubble)]),
        }
        name = "template_card_menu_event"
        return await self._event(phone, Channel.WECOM, name, fields, bubble=bubble)

    async def other_event(
        self, phone: Phone, event: str, fields: Fields, channel: Channel
    ) -> PushResult:
        """Any other event of §A7 and §C1 (LOCATION, change_contact …), fields as given."""
        return await self._event(phone, channel, event, fields)

    # the way to the bot and back ---------------------------------------------------------

    async def system_event(self, phone: Phone, event: str, fields: Fields) -> PushResult:
        """An event of the Official Account that no act of the person caused."""
        body: Fields = {"MsgType": "event", "Event": event, **fields}
        return await self._push(phone, Channel.OFFICIAL, body, shown=False)

    async def account_event(self, event: str, fields: Fields) -> PushResult:
        """An event of the Official Account about no single person, from its own helper."""
        head: Fields = {
            "ToUserName": self.world.official.gh_id,
            "FromUserName": MASS_HELPER,
            "CreateTime": int(self.world.clock.now()),
            "MsgType": "event",
            "Event": event,
        }
        return await self.pushes.push(Channel.OFFICIAL, {**head, **fields})

    async def _event(
        self,
        phone: Phone,
        channel: Channel,
        event: str,
        fields: Fields,
        bubble: Bubble | None = None,
    ) -> PushResult:
        self._record(phone, channel, "event", {"event": event, **fields})
        body: Fields = {"MsgType": "event", "Event": event, **fields}
        return await self._push(phone, channel, body, bubble=bubble)

    async def _push(
        self,
        phone: Phone,
        channel: Channel,
        body: Fields,
        *,
        bubble: Bubble | None = None,
        shown: bool = True,
    ) -> PushResult:
        head: Fields = {
            "ToUserName": self._app_id(channel),
            "FromUserName": phone.userid if channel is Channel.WECOM else phone.openid,
            "CreateTime": int(self.world.clock.now()),
        }
        if channel is Channel.WECOM:
            body = {**body, "AgentID": str(self.world.wecom.agent_id)}
        result = await self.pushes.push(channel, {**head, **body})
        if shown and result.error and not result.muted:
            self._notice(phone, channel, SERVICE_DOWN[channel])
        elif shown and result.reply is not None:
            self._show_reply(phone, channel, body, bubble, result)
        return result

    def _show_reply(
        self,
        phone: Phone,
        channel: Channel,
        body: Fields,
        bubble: Bubble | None,
        result: PushResult,
    ) -> None:
        reply = result.reply
        if reply is None:
            return
        if refused := self._not_allowed(channel, str(body.get("Event", "")), reply.kind, bubble):
            result.note = refused
            return
        if reply.kind in _UPDATES and bubble is not None:
            apply_update(self.world, [(phone, bubble)], reply.content)
        else:
            self.world.show(phone, channel, Side.APP, reply.kind, reply.content)

    def _not_allowed(self, channel: Channel, event: str, kind: str, bubble: Bubble | None) -> str:
        if kind in _UPDATES and bubble is None:
            return f"{kind} answers a tapped card only"
        if channel is Channel.OFFICIAL or not event or event in _WECOM_REPLY_EVENTS:
            return ""
        # The list of 90241 omits template_card_event, its own page allows a card update [S4][S68].
        if event == "template_card_event":
            if kind in _UPDATES or self.world.switches.card_event_text_reply:
                return ""
            return "a tapped card can be answered with an update of the card only"
        return f"{event} cannot be answered with a message"

    def _line(self, phone: Phone, channel: Channel, kind: str, content: Content) -> None:
        self.world.show(phone, channel, Side.PERSON, kind, content)
        self._record(phone, channel, kind, content)
        phone.unread = 0

    def _record(self, phone: Phone, channel: Channel, kind: str, content: Content) -> None:
        act = {"at": self.world.clock.now(), "channel": channel.value, "kind": kind}
        phone.acts.append({**act, "content": content})

    def _notice(self, phone: Phone, channel: Channel, text: str) -> None:
        self.world.show(phone, channel, Side.SYSTEM, "notice", {"text": text})

    def _app_id(self, channel: Channel) -> str:
        return self.world.wecom.corp_id if channel is Channel.WECOM else self.world.official.gh_id

    def _can_write(self, phone: Phone, channel: Channel) -> None:
        if channel is Channel.WECOM:
            self._is_member(phone)
        elif not phone.followed:
            raise ActError(f"phone {phone.id} does not follow the Official Account")

    def _is_member(self, phone: Phone) -> None:
        if phone.client not in {Client.WECOM, Client.PLAIN}:
            raise ActError(f"phone {phone.id} ({phone.client}) cannot use the WeCom app")


def _tappable(phone: Phone, bubble_id: int) -> Bubble:
    bubble = phone.bubble(bubble_id)
    if bubble is None:
        raise ActError(f"phone {phone.id} has no message {bubble_id}")
    if bubble.kind != "template_card":
        raise ActError(f"message {bubble_id} is a {bubble.kind}, not a template card")
    if bubble.hidden_from(phone.client):
        raise ActError(f"message {bubble_id} is not shown in ordinary WeChat")
    if bubble.recalled or bubble.replaced:
        raise ActError(f"message {bubble_id} cannot be tapped any more")
    return bubble


def _button_key(card: Content, wanted: str) -> str:
    buttons = [as_object(each) for each in card.get("button_list", [])]
    if submit := as_object(card.get("submit_button")):
        buttons.append(submit)
    callbacks = [each for each in buttons if each.get("type", 0) == 0 and each.get("key")]
    if not wanted and len(callbacks) == 1:
        return str(callbacks[0]["key"])
    fits: Callable[[Content], bool] = lambda each: wanted in (each["key"], each.get("text"))  # noqa: E731
    for button in filter(fits, callbacks):
        return str(button["key"])
    known = ", ".join(f"{each['key']} ({each.get('text')})" for each in callbacks)
    raise ActError(f"the card has no button {wanted!r}; it has {known or 'none'}")


def _selected(selected: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"QuestionKey": question, "OptionIds": {"OptionId": options}}
        for question, options in selected.items()
    ]
