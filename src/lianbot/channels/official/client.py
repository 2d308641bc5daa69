"""The calls of the Official Account's API that lianbot makes, each with a defined outcome for every fault."""

from typing import Final

import aiohttp

from lianbot.channels.calls import TokenCalls, scrub
from lianbot.channels.exchange import Answered, Exchanger, Rejected
from lianbot.channels.official import errcodes
from lianbot.channels.official.account import OfficialAccount
from lianbot.channels.official.outbound import is_template
from lianbot.channels.official.token import token_keeper
from lianbot.channels.tokens import NoTokenError
from lianbot.domain.messages import Accepted, NoAnswer, Refused, SendAction, SendOutcome
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import CodeRejectedError, PlatformSilentError
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import TokenShelf

_CUSTOM: Final = "/cgi-bin/message/custom/send"
_TEMPLATE: Final = "/cgi-bin/message/template/send"
_TEMPLATES: Final = "/cgi-bin/template/get_all_private_template"
_WHO: Final = "/sns/oauth2/access_token"


class OfficialClient:
    """Speaks to the platform for one account. Tokens stay inside: no outcome and no exception carries one."""

    def __init__(
        self,
        account: OfficialAccount,
        *,
        session: aiohttp.ClientSession,
        shelf: TokenShelf,
        clock: Clock,
    ) -> None:
        self._account = account
        self._exchanger = Exchanger(
            session, account.api_base, total=account.timeout, connect=account.connect_timeout
        )
        tokens = token_keeper(account, exchanger=self._exchanger, shelf=shelf, clock=clock)
        self._calls = TokenCalls(ChannelKind.OFFICIAL, self._exchanger, tokens)

    @property
    def calls(self) -> TokenCalls:
        """For the owner's calls beside messages: the same token, the same one refresh."""
        return self._calls

    async def send(self, body: bytes) -> SendOutcome:
        """Hand over one body; never repeated but after a token refresh."""
        path = _TEMPLATE if is_template(body) else _CUSTOM
        try:
            exchange, token = await self._calls.post(path, body)
        except NoTokenError as error:
            return error.outcome
        match exchange:
            case Answered():
                return self._sent(exchange, token)
            case Rejected(status=status):
                return Refused(errcode=status, action=SendAction.CONFIG, detail=f"HTTP {status}")
            case _:
                return exchange

    async def templates(self) -> frozenset[str]:
        """The templates in use [S14]. Raises PlatformSilentError with the platform's words."""
        try:
            exchange, token = await self._calls.get(_TEMPLATES, {})
        except NoTokenError as error:
            raise PlatformSilentError(error.outcome.detail) from None
        match exchange:
            case Answered(errcode=None | 0, data={"template_list": [*listed]}):
                return frozenset(
                    str(one.get("template_id")) for one in listed if isinstance(one, dict)
                )
            case Answered():
                errmsg = scrub(exchange.field("errmsg"), token, self._account.secret)
                raise PlatformSilentError(f"{exchange.errcode} {errmsg}")
            case Rejected(status=status):
                raise PlatformSilentError(f"HTTP {status}")
            case _:
                raise PlatformSilentError(exchange.detail)

    async def visitor(self, code: str) -> str | None:
        """The openid behind an OAuth code [S54]; None on a snapshot page, whose ids are made up [S99].

        Raises CodeRejectedError, PlatformSilentError.
        """
        query = {
            "appid": self._account.appid,
            "secret": self._account.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        exchange = await self._exchanger.get(_WHO, query)
        match exchange:
            case Answered():
                return self._openid(exchange, code)
            case Rejected(status=status):
                raise PlatformSilentError(f"HTTP {status}")
            case _:
                raise PlatformSilentError(exchange.detail)

    def _openid(self, answer: Answered, code: str) -> str | None:
        errcode = answer.errcode or errcodes.OK
        if errcodes.action_for(errcode) is SendAction.OAUTH_RESTART:
            raise CodeRejectedError(str(errcode))
        openid = answer.field("openid")
        if errcode != errcodes.OK or not openid:
            errmsg = scrub(answer.field("errmsg"), code, self._account.secret)
            raise PlatformSilentError(f"{errcode} {errmsg}")
        return None if answer.data.get("is_snapshotuser") else openid

    def _sent(self, answer: Answered, token: str) -> SendOutcome:
        errmsg = scrub(answer.field("errmsg"), token, self._account.secret)
        match answer.errcode:
            case None:
                return NoAnswer(detail="HTTP 200, no errcode")
            case errcodes.BUSY:
                # custom/send has no id that would make a second try safe [S19]
                return NoAnswer(detail=f"-1 {errmsg}")
            case errcodes.OK:
                return Accepted(platform_id=str(answer.data.get("msgid") or ""))
            case errcode:
                action = errcodes.action_for(errcode)
                return Refused(
                    errcode=errcode,
                    action=action,
                    detail=errmsg,
                    no_right=errcode in errcodes.NO_RIGHT,
                )
