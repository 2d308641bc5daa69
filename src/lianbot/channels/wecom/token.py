"""WeCom's access token: one per corp and app, by gettoken [S69]."""

from typing import Final

from lianbot.channels.calls import token_from
from lianbot.channels.exchange import Exchanger
from lianbot.channels.tokens import TokenKeeper
from lianbot.channels.wecom.account import WeComAccount
from lianbot.domain.people import ChannelKind
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import AccessToken, TokenShelf

_PATH: Final = "/cgi-bin/gettoken"


def token_keeper(
    account: WeComAccount, *, exchanger: Exchanger, shelf: TokenShelf, clock: Clock
) -> TokenKeeper:
    """The keeper of this app's token; its row on the shelf is named after corp and app."""

    async def fetch() -> AccessToken:
        query = {"corpid": account.corp_id, "corpsecret": account.secret}
        answer = await exchanger.get(_PATH, query)
        return token_from(answer, channel=ChannelKind.WECOM, secret=account.secret, clock=clock)

    name = f"wecom:{account.corp_id}:{account.agent_id}"
    return TokenKeeper(name=name, shelf=shelf, clock=clock, fetch=fetch)
