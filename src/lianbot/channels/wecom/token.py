"""WeCom's access token: gettoken, and what its refusals mean."""

from collections.abc import Awaitable, Callable
from typing import Final

from lianbot.channels.exchange import Answered, Exchange, Exchanger, Rejected
from lianbot.channels.tokens import NoTokenError, usable_until
from lianbot.channels.wecom import errcodes
from lianbot.channels.wecom.account import WeComAccount
from lianbot.domain.messages import NotSent, Refused, SendAction
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import AccessToken

_PATH: Final = "/cgi-bin/gettoken"
_LONGEST_ERRMSG: Final = 300


def token_name(account: WeComAccount) -> str:
    """The shelf's row: tokens are per corp and app [S69]."""
    return f"wecom:{account.corp_id}:{account.agent_id}"


def fetcher(
    account: WeComAccount, exchanger: Exchanger, clock: Clock
) -> Callable[[], Awaitable[AccessToken]]:
    """A call that fetches a token or raises NoTokenError."""

    async def fetch() -> AccessToken:
        query = {"corpid": account.corp_id, "corpsecret": account.secret}
        return _read(await exchanger.get(_PATH, query), account, clock)

    return fetch


def _read(exchange: Exchange, account: WeComAccount, clock: Clock) -> AccessToken:
    match exchange:
        case Answered(errcode=errcodes.OK, data={"access_token": str(value), **rest}) if value:
            expires_in = rest.get("expires_in")
            seconds = expires_in if isinstance(expires_in, int) else 0
            return AccessToken(value=value, expires_at=usable_until(clock.now(), seconds))
        case Answered(errcode=int(errcode)) if errcode != errcodes.OK:
            raise NoTokenError(_refusal(errcode, exchange.field("errmsg"), account))
        case Rejected(status=status):
            raise NoTokenError(
                Refused(
                    errcode=status, action=SendAction.CONFIG, detail=f"gettoken: HTTP {status}"
                )
            )
        case Answered():
            raise NoTokenError(NotSent(detail="gettoken: no token in the answer"))
        case _:
            raise NoTokenError(NotSent(detail=f"gettoken: {exchange.detail}"))


def _refusal(errcode: int, errmsg: str, account: WeComAccount) -> Refused | NotSent:
    """A busy platform is asked again later; a refused secret must stop the channel (IP ban) [S69]."""
    action = errcodes.action_for(errcode)
    detail = f"gettoken: {scrub(errmsg, account.secret)}"
    if action is SendAction.RETRY:
        return NotSent(detail=f"{errcode} {detail}")
    return Refused(errcode=errcode, action=action, detail=detail)


def scrub(errmsg: str, *secrets: str) -> str:
    """errmsg with its rid for the record, without any secret that a platform might echo."""
    for secret in secrets:
        if secret:
            errmsg = errmsg.replace(secret, "***")
    return errmsg[:_LONGEST_ERRMSG]
