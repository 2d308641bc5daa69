"""By which way a message can reach a worker now, in the order of a policy, and why not by the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lianbot.domain.deliveries import Reason
from lianbot.domain.people import Binding, ChannelKind
from lianbot.domain.ways import CHANNEL_OF, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What is known of a worker's accounts.

    `broken` says per channel why it cannot be used; `left` are the messages that open windows still
    allow per account, `open_until` when the last of them closes; `available` are the ways that are set up and that the account has the right to.
    """

    bindings: tuple[Binding, ...] = ()
    opted_out: frozenset[ChannelKind] = frozenset()
    broken: Mapping[ChannelKind, Reason] = field(default_factory=dict)
    template_consent: bool = False
    left: Mapping[str, int] = field(default_factory=dict)
    open_until: Mapping[str, datetime] = field(default_factory=dict)
    available: frozenset[Way] = frozenset(Way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A way with the account on it, or why there is none."""

    way: Way | None
    binding: Binding | None
    reason: Reason


def choose_way(contact: Contact, policy: Sequence[Way], tried: Collection[Way] = ()) -> Chosen:
    """The first way of the policy that can be used now and was not tried before.

    When there is none, the reason is that of the last way that failed for more than a missing
    account: staff can mend that one.
    """
    reason = Reason.UNBOUND
    for way in policy:
        binding = binding_on(contact, CHANNEL_OF[way])
        why = hindrance(contact, way)
        if why is Reason.NONE and way not in tried:
            return Chosen(way=way, binding=binding, reason=Reason.NONE)
        if why not in (Reason.NONE, Reason.UNBOUND):
            reason = why
    return Chosen(way=None, binding=None, reason=reason)


def hindrance(contact: Contact, way: Way) -> Reason:
    """Why this way cannot be used now; NONE when it can."""
    channel = CHANNEL_OF[way]
    binding = binding_on(contact, channel)
    if binding is None:
        return Reason.UNBOUND
    if way not in contact.available:
        return Reason.NO_RIGHT
    if channel in contact.opted_out:
        return Reason.OPTED_OUT
    if channel in contact.broken:
        return contact.broken[channel]
    if way is Way.TEMPLATE and not contact.template_consent:
        return Reason.NO_CONSENT
    if way is Way.CUSTOMER and not contact.left.get(binding.account):
        return Reason.WINDOW_CLOSED
    return Reason.NONE


def reach_by_way(contact: Contact, policy: Sequence[Way]) -> dict[Way, Reason]:
    """Each way of the policy with what hinders it now; NONE where it can be used."""
    return {way: hindrance(contact, way) for way in policy}


def binding_on(contact: Contact, channel: ChannelKind) -> Binding | None:
    """The worker's account on a channel."""
    return next((one for one in contact.bindings if one.channel is channel), None)
