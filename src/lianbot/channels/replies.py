"""What both channels ask of a reply before they dress it."""

from lianbot.channels.xml import speakable
from lianbot.domain.messages import CardUpdate, TextReply


def says_nothing(reply: TextReply | CardUpdate) -> bool:
    """An empty text is no answer to the platform, but a fault that it shows to the worker."""
    words = reply.text if isinstance(reply, TextReply) else reply.label
    return not speakable(words).strip()
