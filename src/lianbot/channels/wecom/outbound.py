"""What WeCom is given: message bodies for message/send and the plain form of passive replies."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, assert_never

from wechatpy.enterprise.replies import TextReply as WechatpyTextReply

from lianbot.channels.lengths import cut_bytes, cut_chars, with_link
from lianbot.channels.replies import TEXT_BYTES, TextForm
from lianbot.channels.xml import cdata_safe
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import (
    CardUpdate,
    InboundKind,
    InboundMessage,
    MessageForm,
    OutboundMessage,
    TextReply,
)

# byte limits of [S71][S73]; those in characters are the documents' "~": longer is cut by the client, unmarked
CARD_TITLE_BYTES: Final = 128
CARD_DESCRIPTION_BYTES: Final = 512
URL_BYTES: Final = 2048
CARD_LINK_CHARS: Final = 4
MAIN_TITLE_CHARS: Final = 36
SUB_TITLE_CHARS: Final = 160
JUMP_CHARS: Final = 18
MOST_BUTTONS: Final = 6
BUTTON_CHARS: Final = 10
BUTTON_KEY_BYTES: Final = 1024

_TASK: Final = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_ACCOUNT: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")
_MARKUP: Final = str.maketrans("<>", "＜＞")
"""A text card's description takes <div> and <br>: a lesson's angle brackets must stay text."""

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_UPDATE_BUTTON: Final = (
    "<xml><ToUserName><![CDATA[{account}]]></ToUserName>"
    "<FromUserName><![CDATA[{corp_id}]]></FromUserName>"
    "<CreateTime>{time}</CreateTime><MsgType><![CDATA[update_button]]></MsgType>"
    "<Button><ReplaceName><![CDATA[{label}]]></ReplaceName></Button></xml>"
)


def render_message(message: OutboundMessage, *, agent_id: int, duplicate_interval: int) -> bytes:
    """The request body of message/send, the same bytes for the same message.

    The platform de-duplicates by identical request JSON [S71]; that is what makes a lost answer resolvable.
    Raises InvalidInputError naming the field that cannot be sent.
    """
    return render_for(
        message, [message.account], agent_id=agent_id, duplicate_interval=duplicate_interval
    )


def render_for(
    message: OutboundMessage,
    accounts: Sequence[str],
    *,
    agent_id: int,
    duplicate_interval: int,
) -> bytes:
    """The same for several accounts, ≤ 1,000 [S71]; the message must be nobody's own."""
    _check(message, accounts)
    name, content = _content(message)
    body = {
        "touser": "|".join(accounts),
        "msgtype": name,
        "agentid": agent_id,
        name: content,
        "safe": 0,
        "enable_id_trans": 0,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": duplicate_interval,
    }
    # raw UTF-8: escapes are refused with 40033
    return _JSON.encode(body).encode()


def _check(message: OutboundMessage, accounts: Sequence[str]) -> None:
    # "@all" and "a|b" are addresses for many; a userid never looks like either
    if not accounts or not all(_ACCOUNT.fullmatch(one) for one in accounts):
        raise InvalidInputError("account", "不是企业微信成员账号（字母、数字和 _-@.，最多 64 位）")
    if len(message.url.encode()) > URL_BYTES:
        raise InvalidInputError("url", f"网址超过 {URL_BYTES} 字节")


def _content(message: OutboundMessage) -> tuple[str, dict[str, Any]]:
    match message.form:
        case MessageForm.TEXT:
            return "text", {"content": _text(message)}
        case MessageForm.TEXT_CARD:
            return "textcard", _text_card(message)
        case MessageForm.BUTTON_CARD:
            return "template_card", _button_card(message)
        case MessageForm.NOTICE_CARD:
            return "template_card", _notice_card(message)
        case MessageForm.NEWS:
            return "news", _news(message)
        case MessageForm.IMAGE | MessageForm.VOICE:
            return message.form.value, _media(message)
        case _:
            assert_never(message.form)


def _text(message: OutboundMessage) -> str:
    if not message.text:
        raise InvalidInputError("text", "文字消息没有文字")
    return with_link(message.text, message.url, TEXT_BYTES)


def _text_card(message: OutboundMessage) -> dict[str, Any]:
    description = (message.lead or message.text).translate(_MARKUP)
    if not (message.title and description and message.url):
        raise InvalidInputError("title, lead, url", "文本卡片要有标题、摘要和网址")
    card = {
        "title": cut_bytes(message.title, CARD_TITLE_BYTES),
        "description": cut_bytes(description, CARD_DESCRIPTION_BYTES),
        "url": message.url,
    }
    if message.link_label:
        card["btntxt"] = message.link_label[:CARD_LINK_CHARS]
    return card


def _button_card(message: OutboundMessage) -> dict[str, Any]:
    _check_buttons(message)
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": cut_chars(message.title, MAIN_TITLE_CHARS)},
        "sub_title_text": cut_chars(message.lead or message.text, SUB_TITLE_CHARS),
        "task_id": message.task,
        "button_list": [
            {"text": button.label[:BUTTON_CHARS], "style": 1, "key": button.key}
            for button in message.buttons
        ],
    }
    if message.url:
        card["card_action"] = {"type": 1, "url": message.url}
        if message.link_label:
            title = message.link_label[:JUMP_CHARS]
            card["jump_list"] = [{"type": 1, "title": title, "url": message.url}]
    return card


def _notice_card(message: OutboundMessage) -> dict[str, Any]:
    """text_notice: no task and no buttons; card_action is required [S73][S74]."""
    if not (message.title and message.url):
        raise InvalidInputError("title, url", "通知卡片要有标题和网址")
    card: dict[str, Any] = {
        "card_type": "text_notice",
        "main_title": {"title": cut_chars(message.title, MAIN_TITLE_CHARS)},
        "sub_title_text": cut_chars(message.lead or message.text, SUB_TITLE_CHARS),
        "card_action": {"type": 1, "url": message.url},
    }
    if message.link_label:
        title = message.link_label[:JUMP_CHARS]
        card["jump_list"] = [{"type": 1, "title": title, "url": message.url}]
    return card


def _news(message: OutboundMessage) -> dict[str, Any]:
    """One article; the picture is an address, a JPG or PNG [S67][S71]."""
    if not (message.title and message.url and message.picture):
        raise InvalidInputError("title, url, picture", "图文要有标题、网址和图片的地址")
    lead = (message.lead or message.text).translate(_MARKUP)
    article = {
        "title": cut_bytes(message.title, CARD_TITLE_BYTES),
        "description": cut_bytes(lead, CARD_DESCRIPTION_BYTES),
        "url": message.url,
        "picurl": message.picture,
    }
    return {"articles": [article]}


def _media(message: OutboundMessage) -> dict[str, Any]:
    if not message.media_id:
        raise InvalidInputError("media_id", "图片和语音要先上传")
    return {"media_id": message.media_id}


def _check_buttons(message: OutboundMessage) -> None:
    if not _TASK.fullmatch(message.task):
        raise InvalidInputError("task", "任务号只能是字母、数字和 _-@，1 到 128 位")
    if not message.title:
        raise InvalidInputError("title", "按钮卡片没有标题")
    if not 1 <= len(message.buttons) <= MOST_BUTTONS:
        raise InvalidInputError("buttons", f"按钮卡片要有 1 到 {MOST_BUTTONS} 个按钮")
    keys = {button.key for button in message.buttons}
    too_long = any(len(key.encode()) > BUTTON_KEY_BYTES for key in keys)
    if len(keys) < len(message.buttons) or "" in keys or too_long:
        raise InvalidInputError("buttons", "按钮的 key 要各不相同、不空、不超过 1024 字节")
    if not all(button.label for button in message.buttons):
        raise InvalidInputError("buttons", "按钮上没有字")


class Replies:
    """Passive replies of one app before they are encrypted."""

    def __init__(self, *, corp_id: str, agent_id: int) -> None:
        self._corp_id = corp_id
        self._text = TextForm(WechatpyTextReply, agent=agent_id)

    def render(self, reply: TextReply | CardUpdate, inbound: InboundMessage, second: int) -> str:
        """The XML; a label where no card was tapped goes out as text: the worker gets an answer all the same."""
        match reply:
            case CardUpdate(label=label) if inbound.kind is InboundKind.CARD_TAP:
                return _UPDATE_BUTTON.format(
                    account=cdata_safe(inbound.account),
                    corp_id=self._corp_id,
                    time=second,
                    label=cdata_safe(label),
                )
            case CardUpdate(label=words) | TextReply(text=words):
                return self._text.fill(
                    words, sender=self._corp_id, receiver=inbound.account, second=second
                )
            case _:
                assert_never(reply)
