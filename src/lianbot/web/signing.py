"""Short signed tokens for phone pages: who, which delivery, until when. No cookie is set on phones."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lianbot.domain.people import ChannelKind

LIFETIME = timedelta(hours=12)
_TAG = 16
_ACCOUNT = b"account\0"
"""Signed before the payload: a token of one kind never opens as the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The worker a page was rendered for. The token stands in the page, never in an address:
    an address can be passed on, a page cannot."""

    worker_id: UUID
    occurrence_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An account that a platform vouched for a moment ago, known to us or not."""

    channel: ChannelKind
    account: str


class TokenMaker:
    """Seals a visitor into the page and opens it again when the page's form comes back."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, visitor: Visitor, now: datetime) -> str:
        until = int((now + LIFETIME).timestamp())
        payload = visitor.worker_id.bytes + visitor.occurrence_id.bytes + until.to_bytes(8, "big")
        return base64.urlsafe_b64encode(payload + self._tag(payload)).decode()

    def open(self, token: str, now: datetime) -> Visitor | None:
        """None for anything that we did not seal, or that has run out."""
        try:
            data = base64.urlsafe_b64decode(token.encode("ascii"))
        except ValueError:
            return None
        payload, tag = data[:-_TAG], data[-_TAG:]
        if len(payload) != 40 or not hmac.compare_digest(tag, self._tag(payload)):
            return None
        if datetime.fromtimestamp(int.from_bytes(payload[32:], "big"), UTC) < now:
            return None
        return Visitor(
            worker_id=UUID(bytes=payload[:16]), occurrence_id=UUID(bytes=payload[16:32])
        )

    def seal_account(self, who: SignedIn, now: datetime) -> str:
        """For the binding page, which is there for accounts of nobody yet."""
        until = int((now + LIFETIME).timestamp())
        payload = until.to_bytes(8, "big") + f"{who.channel}\0{who.account}".encode()
        return base64.urlsafe_b64encode(payload + self._tag(_ACCOUNT + payload)).decode()

    def open_account(self, token: str, now: datetime) -> SignedIn | None:
        """None for anything that `seal_account` did not make, or that has run out."""
        try:
            data = base64.urlsafe_b64decode(token.encode("ascii"))
        except ValueError:
            return None
        payload, tag = data[:-_TAG], data[-_TAG:]
        if len(payload) < 10 or not hmac.compare_digest(tag, self._tag(_ACCOUNT + payload)):
            return None
        if datetime.fromtimestamp(int.from_bytes(payload[:8], "big"), UTC) < now:
            return None
        channel, _, account = payload[8:].decode().partition("\0")
        return SignedIn(channel=ChannelKind(channel), account=account)

    def _tag(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()[:_TAG]
