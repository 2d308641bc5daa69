"""Passive text replies: wechatpy renders the form once at the start, each answer only fills it in."""

from typing import Any, Final

from lianbot.channels.lengths import cut_bytes
from lianbot.channels.xml import cdata_safe, speakable
from lianbot.domain.messages import CardUpdate, TextReply

TEXT_BYTES: Final = 2048
"""A longer text is cut by the platform without a mark [S4]."""

# stand where sender, receiver, second and words belong; none can occur in what wechatpy writes around them
_SENDER: Final = "{sender}"
_RECEIVER: Final = "{receiver}"
_WORDS: Final = "{words}"
_SECOND: Final = 1_000_000_007


class TextForm:
    """wechatpy's XML of a text reply with four gaps.

    Rendering field by field for every answer costs more than decrypting the call; the form never changes,
    so it is rendered once. `reply_class` is wechatpy's TextReply of the platform, `fixed` its
    further fields (AgentID).
    """

    def __init__(self, reply_class: Any, **fixed: int) -> None:
        rendered: str = reply_class(
            source=_SENDER, target=_RECEIVER, time=_SECOND, content=_WORDS, **fixed
        ).render()
        self._form = rendered.replace(f">{_SECOND}</CreateTime>", ">{second}</CreateTime>")

    def fill(self, text: str, *, sender: str, receiver: str, second: int) -> str:
        """The XML of one answer; whatever the text holds, it stays inside its CDATA."""
        return self._form.format(
            words=cdata_safe(cut_bytes(speakable(text), TEXT_BYTES)),
            sender=cdata_safe(sender),
            receiver=cdata_safe(receiver),
            second=second,
        )


def says_nothing(reply: TextReply | CardUpdate) -> bool:
    """An empty text is no answer to the platform, but a fault that it shows to the worker."""
    words = reply.text if isinstance(reply, TextReply) else reply.label
    return not speakable(words).strip()
