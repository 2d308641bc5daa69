"""The ways by which a message can leave: a channel and the form of sending on it."""

from collections.abc import Sequence
from enum import StrEnum

from lianbot.domain.people import ChannelKind


class Way(StrEnum):
    """A channel and the form of sending on it."""

    WECOM = "wecom"
    """企业微信应用消息."""
    TEMPLATE = "template"
    """服务号模板消息: title and link, needs the worker's consent (§B2)."""
    CUSTOMER = "customer"
    """服务号客服消息: only in a window that the worker opened (§B1)."""
    HELD = "held"
    """Kept until the worker comes by, for some days."""


CHANNEL_OF: dict[Way, ChannelKind] = {
    Way.WECOM: ChannelKind.WECOM,
    Way.TEMPLATE: ChannelKind.OFFICIAL,
    Way.CUSTOMER: ChannelKind.OFFICIAL,
    Way.HELD: ChannelKind.OFFICIAL,
}
WAYS_ON: dict[ChannelKind, tuple[Way, ...]] = {
    ChannelKind.WECOM: (Way.WECOM,),
    ChannelKind.OFFICIAL: (Way.TEMPLATE, Way.CUSTOMER, Way.HELD),
}
"""In the order of design §4: what surely reaches the worker first."""


def policy_of(channels: Sequence[ChannelKind]) -> tuple[Way, ...]:
    """The ways of a campaign's channels in their order; waiting for a visit always comes last."""
    ways = [way for channel in channels for way in WAYS_ON[channel]]
    return tuple(sorted(ways, key=lambda way: way is Way.HELD))
