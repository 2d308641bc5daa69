"""The calls of WeCom's API that lianbot makes, each with a defined outcome for every fault."""

import json
from collections.abc import Sequence
from typing import Any, Final

import aiohttp

from lianbot.channels.calls import TokenCalls, scrub
from lianbot.channels.exchange import Answered, Exchanger, Rejected
from lianbot.channels.tokens import NoTokenError
from lianbot.channels.wecom import errcodes
from lianbot.channels.wecom.account import WeComAccount
from lianbot.channels.wecom.token import token_keeper
from lianbot.domain.messages import Accepted, NoAnswer, Refused, SendAction, SendOutcome
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import CodeRejectedError, PlatformSilentError
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import TokenShelf

_SEND: Final = "/cgi-bin/message/send"
_WHO: Final = "/cgi-bin/auth/getuserinfo"


class WeComClient:
    """Speaks to the platform for one app. Tokens stay inside: no outcome and no exception carries one."""

    def __init__(
        self,
        account: WeComAccount,
        *,
        session: aiohttp.ClientSession,
        shelf: TokenShelf,
        clock: Clock,
    ) -> None:
        exchanger = Exchanger(
            session, account.api_base, total=account.timeout, connect=account.connect_timeout
        )
        tokens = token_keeper(account, exchanger=exchanger, shelf=shelf, clock=clock)
        self._secret = account.secret
        self._calls = TokenCalls(ChannelKind.WECOM, exchanger, tokens)

    async def send(self, body: bytes) -> SendOutcome:
        """Hand over one body for one worker; never repeated but after a token refresh."""
        outcome, left_out = await self._hand_over(body)
        return _for_one(outcome, left_out, _addressee(body)) if left_out else outcome

    async def send_to(self, body: bytes, accounts: Sequence[str]) -> Sequence[SendOutcome]:
        """Hand over one body for all of `accounts`: what came of it for each."""
        outcome, left_out = await self._hand_over(body)
        return [_for_one(outcome, left_out, one) for one in accounts]

    async def _hand_over(self, body: bytes) -> tuple[SendOutcome, dict[str, Refused]]:
        """What came of the call, and who got nothing although it went well."""
        try:
            exchange, token = await self._calls.post(_SEND, body)
        except NoTokenError as error:
            return error.outcome, {}
        match exchange:
            case Answered():
                outcome = self._sent(exchange, token)
                return outcome, _left_out(exchange) if isinstance(outcome, Accepted) else {}
            case Rejected(status=status):
                refused = Refused(
                    errcode=status, action=SendAction.CONFIG, detail=f"HTTP {status}"
                )
                return refused, {}
            case _:
                return exchange, {}

    async def member(self, code: str) -> str | None:
        """The userid behind an OAuth code, None for somebody outside the corp [S86][S94].

        Raises CodeRejectedError, PlatformSilentError.
        """
        try:
            exchange, token = await self._calls.get(_WHO, {"code": code})
        except NoTokenError as error:
            raise PlatformSilentError(error.outcome.detail) from None
        match exchange:
            case Answered(errcode=errcodes.OK):
                return exchange.field("userid") or exchange.field("UserId") or None
            case Answered(errcode=int(errcode)):
                if errcodes.action_for(errcode) is SendAction.OAUTH_RESTART:
                    raise CodeRejectedError(str(errcode))
                errmsg = scrub(exchange.field("errmsg"), token, code, self._secret)
                raise PlatformSilentError(f"{errcode} {errmsg}")
            case Answered():
                raise PlatformSilentError("no errcode")
            case Rejected(status=status):
                raise PlatformSilentError(f"HTTP {status}")
            case _:
                raise PlatformSilentError(exchange.detail)

    def _sent(self, answer: Answered, token: str) -> SendOutcome:
        errmsg = scrub(answer.field("errmsg"), token, self._secret)
        match answer.errcode:
            case None:
                return NoAnswer(detail="HTTP 200, no errcode")
            case errcodes.BUSY:
                # the message may have gone out all the same; the caller's repeat is the identical body
                return NoAnswer(detail=f"-1 {errmsg}")
            case errcodes.OK:
                return Accepted(platform_id=answer.field("msgid"))
            case errcode:
                action = errcodes.action_for(errcode)
                return Refused(errcode=errcode, action=action, detail=errmsg)


def _left_out(answer: Answered) -> dict[str, Refused]:
    """errcode 0 is no success for workers whom the answer lists as invalid; ids come back lower-cased [S67]."""
    found: dict[str, Refused] = {}
    for name, errcode in (
        ("unlicenseduser", errcodes.NOT_LICENSED),
        ("invaliduser", errcodes.NOBODY_VALID),
    ):
        if listed := answer.field(name):
            refused = Refused(
                errcode=errcode,
                action=errcodes.action_for(errcode),
                detail=f"errcode 0, {name}",
            )
            found |= dict.fromkeys(listed.casefold().split("|"), refused)
    return found


def _for_one(outcome: SendOutcome, left_out: dict[str, Refused], account: str) -> SendOutcome:
    return left_out.get(account.casefold(), outcome)


def _addressee(body: bytes) -> str:
    message: dict[str, Any] = json.loads(body)
    return str(message.get("touser", ""))
