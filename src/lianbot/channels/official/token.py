"""The Official Account's access token: stable_token, which processes and restarts cannot knock out of each other [S56]."""

import json
from typing import Final

from lianbot.channels.calls import token_from
from lianbot.channels.exchange import Exchanger
from lianbot.channels.official.account import OfficialAccount
from lianbot.channels.tokens import TokenKeeper
from lianbot.domain.people import ChannelKind
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import AccessToken, TokenShelf

_PATH: Final = "/cgi-bin/stable_token"


def token_keeper(
    account: OfficialAccount, *, exchanger: Exchanger, shelf: TokenShelf, clock: Clock
) -> TokenKeeper:
    """The keeper of this account's token. `force_refresh` stays false: it kills the token of all others, 20 a day."""
    body = json.dumps(
        {
            "grant_type": "client_credential",
            "appid": account.appid,
            "secret": account.secret,
            "force_refresh": False,
        }
    ).encode()

    async def fetch() -> AccessToken:
        answer = await exchanger.post(_PATH, {}, body)
        return token_from(answer, channel=ChannelKind.OFFICIAL, secret=account.secret, clock=clock)

    return TokenKeeper(name=f"official:{account.appid}", shelf=shelf, clock=clock, fetch=fetch)
