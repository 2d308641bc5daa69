"""What flows ask of a channel: four methods, the same for WeCom and the Official Account."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

from lianbot.domain.messages import (
    InboundMessage,
    OutboundMessage,
    PlatformCall,
    Reply,
    SendOutcome,
    WireAnswer,
)
from lianbot.domain.people import ChannelKind


class ForgedCallError(Exception):
    """Signature missing or wrong, receiver not ours, or time outside the window: 403, a counter, nothing else."""


class MalformedCallError(Exception):
    """A body that is too large, not XML, or not what the platform documents: 400, nothing kept."""


class CodeRejectedError(Exception):
    """The OAuth code is used, expired or not ours: send the browser through authorisation again."""


class PlatformSilentError(Exception):
    """The platform could not be asked, or refused the account itself; `str(error)` says why, without a token."""


class Channel(Protocol):
    """One platform account of ours."""

    kind: ChannelKind
    recall_within: timedelta | None
    """How long after the hand-over a message can be recalled; None where the platform has no recall."""

    def verify_address(self, call: PlatformCall) -> WireAnswer:
        """Answer the platform's GET check. Raises ForgedCallError, MalformedCallError."""
        ...

    def receive(self, call: PlatformCall) -> InboundMessage:
        """Verify, decrypt and parse a push. Raises ForgedCallError, MalformedCallError."""
        ...

    def answer(self, call: PlatformCall, reply: Reply, inbound: InboundMessage) -> WireAnswer:
        """Dress a reply for the wire (signed and encrypted where the call was); None → the no-op."""
        ...

    def render(self, message: OutboundMessage) -> bytes:
        """The request body, byte-identical whenever the same message is rendered (a repeat sends these bytes)."""
        ...

    async def send(self, body: bytes) -> SendOutcome:
        """Hand one rendered body to the platform once; no retry inside, but one token refresh."""
        ...

    async def recall(self, platform_id: str) -> SendOutcome:
        """Ask the platform to take a message back; `Accepted` only when it said that it did."""
        ...

    async def identify(self, code: str) -> str | None:
        """The account behind an OAuth code (snsapi_base), None when the visitor is not a member.

        Raises CodeRejectedError, PlatformSilentError.
        """
        ...

    def authorize_url(self, redirect: str, state: str) -> str:
        """Where the in-app browser goes to get that code."""
        ...


@runtime_checkable
class ManyAtOnce(Protocol):
    """What a channel offers besides when one call can carry one message to many accounts."""

    most_at_once: int

    def same_for_many(self, message: OutboundMessage) -> bool:
        """Whether the body differs between people in nothing but the account."""
        ...

    def render_for(self, message: OutboundMessage, accounts: Sequence[str]) -> bytes:
        """The body for all of `accounts`; the message's own account and task do not count.

        Raises InvalidInputError naming the field that cannot be sent.
        """
        ...

    async def send_to(self, body: bytes, accounts: Sequence[str]) -> Sequence[SendOutcome]:
        """Hand the body over once; what came of it for each account, in their order."""
        ...
