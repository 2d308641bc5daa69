"""Calls that carry the account's access token: refreshed and repeated once where the table says so, never more."""

from typing import Final

from lianbot.channels import table
from lianbot.channels.exchange import JSON, Answered, Exchange, Exchanger, Rejected
from lianbot.channels.tokens import NoTokenError, TokenKeeper, usable_until
from lianbot.domain.messages import NotSent, Refused, SendAction
from lianbot.domain.people import ChannelKind
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import AccessToken

_LONGEST_ERRMSG: Final = 300


class TokenCalls:
    """One platform's API behind its token."""

    def __init__(self, channel: ChannelKind, exchanger: Exchanger, tokens: TokenKeeper) -> None:
        self._channel = channel
        self._exchanger = exchanger
        self._tokens = tokens

    async def get(self, path: str, query: dict[str, str]) -> tuple[Exchange, str]:
        """The exchange and the token it was made with (for scrubbing). Raises NoTokenError."""
        return await self._call(path, query, None, "")

    async def post(self, path: str, body: bytes) -> tuple[Exchange, str]:
        """Likewise, with a JSON body; a repeat carries the same bytes."""
        return await self._call(path, {}, body, JSON)

    async def upload(
        self, path: str, query: dict[str, str], body: bytes, content_type: str
    ) -> tuple[Exchange, str]:
        """Likewise, with a body of another kind."""
        return await self._call(path, query, body, content_type)

    async def _call(
        self, path: str, query: dict[str, str], body: bytes | None, content_type: str
    ) -> tuple[Exchange, str]:
        token = await self._tokens.current()
        exchange = await self._once(path, query, body, content_type, token)
        if self._is_stale(exchange):
            token = await self._tokens.renewed(token)
            exchange = await self._once(path, query, body, content_type, token)
        return exchange, token

    async def _once(
        self, path: str, query: dict[str, str], body: bytes | None, content_type: str, token: str
    ) -> Exchange:
        # the query string is the only place where both platforms look for the token [S8][S70]
        signed = {**query, "access_token": token}
        if body is None:
            return await self._exchanger.get(path, signed)
        return await self._exchanger.post(path, signed, body, content_type)

    def _is_stale(self, exchange: Exchange) -> bool:
        """By the table: WeCom's 40001 is not among them, it is a wrong secret and a ban of the IP [S69]."""
        if not isinstance(exchange, Answered) or not exchange.errcode:
            return False
        return table.action_for(self._channel, exchange.errcode) is SendAction.REFRESH_TOKEN


def token_from(
    exchange: Exchange, *, channel: ChannelKind, secret: str, clock: Clock
) -> AccessToken:
    """The token in an answer. Raises NoTokenError with what a send has to report.

    A busy or silent platform is asked again later; a refused secret must stop the channel.
    """
    match exchange:
        case Answered(errcode=None | 0, data={"access_token": str(value), **rest}) if value:
            expires_in = rest.get("expires_in")
            seconds = expires_in if isinstance(expires_in, int) else 0
            return AccessToken(value=value, expires_at=usable_until(clock.now(), seconds))
        case Answered():
            errmsg = scrub(exchange.field("errmsg"), secret)
            raise NoTokenError(_refusal(channel, exchange.errcode, errmsg))
        case Rejected(status=status):
            detail = f"token: HTTP {status}"
            raise NoTokenError(Refused(errcode=status, action=SendAction.CONFIG, detail=detail))
        case _:
            raise NoTokenError(NotSent(detail=f"token: {exchange.detail}"))


def _refusal(channel: ChannelKind, errcode: int | None, errmsg: str) -> Refused | NotSent:
    if not errcode:
        return NotSent(detail="token: none in the answer")
    action = table.action_for(channel, errcode)
    if action in (SendAction.RETRY, SendAction.RETRY_LATER):
        return NotSent(detail=f"token: {errcode} {errmsg}")
    return Refused(errcode=errcode, action=action, detail=f"token: {errmsg}")


def scrub(errmsg: str, *secrets: str) -> str:
    """errmsg with its rid for the record, without any secret that a platform might echo."""
    if errmsg == "ok":
        return errmsg
    for secret in secrets:
        if secret:
            errmsg = errmsg.replace(secret, "***")
    return errmsg[:_LONGEST_ERRMSG]
