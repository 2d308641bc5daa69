"""Short signed tokens for phone pages: who, which delivery, until when. No cookie is set on phones."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

LIFETIME = timedelta(hours=12)
_TAG = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The worker a page was rendered for. The token stands in the page, never in an address:
    an address can be passed on, a page cannot."""

    worker_id: UUID
    occurrence_id: UUID


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

    def _tag(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()[:_TAG]
