"""What the Official Account is given: custom messages, msgmenus, template messages, and passive replies."""

import hashlib
import json
import re
from typing import Any, Final, assert_never

from wechatpy.replies import TextReply as WechatpyTextReply

from lianbot.channels.lengths import cut_bytes, cut_chars, with_link
from lianbot.channels.official.account import TemplateShape
from lianbot.channels.official.menuids import join_menu_id
from lianbot.channels.official.template_fields import fit
from lianbot.channels.replies import TEXT_BYTES, TextForm
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import (
    CardUpdate,
    InboundMessage,
    MessageForm,
    OutboundMessage,
    TextReply,
)

URL_BYTES: Final = 1024
MOST_LINES: Final = 8
"""The platform's limit for msgmenu is not documented (45098 beyond it); up to 8 is known to work [S30]."""

_ACCOUNT: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TASK: Final = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_LONGEST_CLIENT_ID: Final = 32


def render_message(message: OutboundMessage, template: TemplateShape | None) -> bytes:
    """The request body; the same bytes for the same message.

    TEXT is a custom text, BUTTON_CARD a msgmenu (both need an open window §B1), TEXT_CARD a template
    message (title and link, needs consent §B2). Raises InvalidInputError naming what cannot be sent.
    """
    _check(message)
    body = _body(message, template)
    # raw UTF-8: escapes are refused with 40033
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def is_template(body: bytes) -> bool:
    """Which of the two send APIs a rendered body belongs to."""
    return "template_id" in json.loads(body)


def _check(message: OutboundMessage) -> None:
    if not _ACCOUNT.fullmatch(message.account):
        raise InvalidInputError("account", "不是公众号的 openid")
    if len(message.url.encode()) > URL_BYTES:
        raise InvalidInputError("url", f"网址超过 {URL_BYTES} 字节")


def _body(message: OutboundMessage, template: TemplateShape | None) -> dict[str, Any]:
    match message.form:
        case MessageForm.TEXT:
            return _text(message)
        case MessageForm.TEXT_CARD:
            return _template(message, template)
        case MessageForm.BUTTON_CARD:
            return _menu(message)
        case MessageForm.NOTICE_CARD:
            # there is no such card here: the same words and link as text
            return _text(message)
        case MessageForm.NEWS:
            return _news(message)
        case MessageForm.IMAGE | MessageForm.VOICE:
            return _media(message)
        case _:
            assert_never(message.form)


def _text(message: OutboundMessage) -> dict[str, Any]:
    if not message.text:
        raise InvalidInputError("text", "文字消息没有文字")
    content = with_link(message.text, message.url, TEXT_BYTES)
    return {"touser": message.account, "msgtype": "text", "text": {"content": content}}


def _news(message: OutboundMessage) -> dict[str, Any]:
    """One article, more are refused with 45008 [S19]."""
    if not (message.title and message.url and message.picture):
        raise InvalidInputError("title, url, picture", "图文要有标题、网址和图片的地址")
    article = {
        "title": message.title,
        "description": message.lead or message.text,
        "url": message.url,
        "picurl": message.picture,
    }
    return {"touser": message.account, "msgtype": "news", "news": {"articles": [article]}}


def _media(message: OutboundMessage) -> dict[str, Any]:
    if not message.media_id:
        raise InvalidInputError("media_id", "图片和语音要先上传")
    kind = message.form.value
    return {"touser": message.account, "msgtype": kind, kind: {"media_id": message.media_id}}


def _menu(message: OutboundMessage) -> dict[str, Any]:
    """A msgmenu: words, one tappable line a button, the link underneath."""
    if not _TASK.fullmatch(message.task):
        raise InvalidInputError("task", "任务号只能是字母、数字和 _-@，1 到 128 位")
    keys = [button.key for button in message.buttons]
    if not 1 <= len(keys) <= MOST_LINES:
        raise InvalidInputError("buttons", f"菜单消息要有 1 到 {MOST_LINES} 个选项")
    if len(set(keys)) < len(keys) or not all(b.key and b.label for b in message.buttons):
        raise InvalidInputError("buttons", "选项的 key 要各不相同，key 和文字都不能空")
    head = "\n".join(words for words in (message.title, message.lead or message.text) if words)
    menu = {
        "head_content": cut_bytes(head, TEXT_BYTES),
        "list": [
            {"id": join_menu_id(message.task, button.key), "content": button.label}
            for button in message.buttons
        ],
        "tail_content": message.url,
    }
    return {"touser": message.account, "msgtype": "msgmenu", "msgmenu": menu}


def _template(message: OutboundMessage, template: TemplateShape | None) -> dict[str, Any]:
    if template is None:
        raise InvalidInputError("LIANBOT_OFFICIAL_TEMPLATE", "没有配置模板，不能发模板消息")
    if not (message.title and message.url):
        raise InvalidInputError("title, url", "模板消息要有标题和网址")
    data = {key: {"value": _filled(key, words, message)} for key, words in template.fields}
    return {
        "touser": message.account,
        "template_id": template.template_id,
        "url": message.url,
        "data": data,
        "client_msg_id": _client_msg_id(message.task),
    }


def _filled(key: str, words: str, message: OutboundMessage) -> str:
    lead = message.lead or message.text
    filled = words.replace("{title}", message.title).replace("{lead}", lead)
    return fit(key, filled, cut_chars)


def _client_msg_id(task: str) -> str:
    """One message for one task however often it is sent inside 10 minutes [S14].

    The length is written nowhere; the mass API's 32 bytes are kept, longer tasks are hashed.
    """
    if not task:
        raise InvalidInputError("task", "模板消息没有任务号，重复发送会变成两条")
    if len(task.encode()) <= _LONGEST_CLIENT_ID:
        return task
    return hashlib.sha256(task.encode()).hexdigest()[:_LONGEST_CLIENT_ID]


_TEXT_FORM: Final = TextForm(WechatpyTextReply)


def render_reply(reply: TextReply | CardUpdate, inbound: InboundMessage, second: int) -> str:
    """The XML of a passive reply; there is no card to grey here, so a label goes out as text."""
    words = reply.text if isinstance(reply, TextReply) else reply.label
    return _TEXT_FORM.fill(words, sender=inbound.receiver, receiver=inbound.account, second=second)
