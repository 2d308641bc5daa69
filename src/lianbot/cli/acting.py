"""Writing commands act as a console account: name, password (prompt or file), second factor where enrolled."""

from typing import Annotated

import typer

from lianbot.bootstrap import House
from lianbot.domain.errors import NotAllowedError
from lianbot.domain.people import Account
from lianbot.flows.signing_in import Attempt, SigningIn
from lianbot.settings import secret_from

As = Annotated[
    str,
    typer.Option("--as", help="控制台账号名；密码会问，或写在 LIANBOT_PASSWORD_FILE 指的文件里"),
]


async def act_as(house: House, name: str) -> Account:
    """The account, checked. Raises NotAllowedError when name, password or code is wrong."""
    if not name:
        raise NotAllowedError("这个命令要写明用哪个账号：--as 账号名")
    password = secret_from("PASSWORD")
    if password is None:
        password = typer.prompt(f"{name} 的密码", hide_input=True, err=True)
    code = ""
    if await _has_second_factor(house, name):
        code = secret_from("TOTP") or typer.prompt("验证器上的 6 位数", err=True)
    signing_in = SigningIn(accounts=house.accounts, clock=house.clock)
    account = await signing_in.check(Attempt(name=name, password=password, code=code))
    if account is None:
        raise NotAllowedError("账号、密码或验证码不对，或者账号暂时锁住了，请稍后再试")
    return account


async def _has_second_factor(house: House, name: str) -> bool:
    found = await house.accounts.credentials(name)
    return found is not None and found.totp_secret is not None
