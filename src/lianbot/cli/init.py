"""`lianbot init`: a commented lianbot.toml, keys, the schema and the first system administrator."""

import secrets
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from lianbot.bootstrap import NotReadyError, make_signing_key, open_house
from lianbot.cli.edge import Exit, fail, run, say
from lianbot.domain.people import Account, Role
from lianbot.flows.signing_in import SHORTEST_PASSWORD, hash_password
from lianbot.phrases.setup import TOML_TEMPLATE
from lianbot.settings import TOML, Settings, load_settings, secret_from
from lianbot.storage.accounts import new_account
from lianbot.storage.database import open_database
from lianbot.storage.schema import upgrade


def init(
    admin: Annotated[str, typer.Option(help="第一个系统管理员的账号名")] = "admin",
) -> None:
    """在当前文件夹写好 lianbot.toml、签名钥匙、数据库和第一个系统管理员。"""
    path = Path(TOML)
    if path.exists():
        fail(f"{TOML} 已经有了，没有改动；要重来请先把它移走", Exit.CANNOT_RUN)
    password = secret_from("PASSWORD") or typer.prompt(
        f"{admin} 的密码（至少 {SHORTEST_PASSWORD} 位）",
        hide_input=True,
        confirmation_prompt=True,
        err=True,
    )
    if len(password) < SHORTEST_PASSWORD:
        fail(f"密码太短，至少 {SHORTEST_PASSWORD} 位，什么也没有写", Exit.USAGE)
    key = secrets.token_urlsafe(48)
    run(_set_up(load_settings(secret_key=SecretStr(key)), admin, password))
    # last, so that a set-up that failed can simply be run again
    try:
        path.touch(mode=0o600)
        path.write_text(TOML_TEMPLATE.format(secret_key=key), "utf-8")
    except OSError as error:
        fail(f"写不了 {TOML}：{error.strerror}", Exit.CANNOT_RUN)
    say(f"写好了 {TOML}。填上企业微信的几行，再运行 lianbot doctor 和 lianbot serve。")


async def _set_up(settings: Settings, admin: str, password: str) -> None:
    database = open_database(settings.database_url)
    try:
        await upgrade(database)
    except OSError as error:
        raise NotReadyError(f"LIANBOT_DATABASE_URL：{error}") from error
    finally:
        await database.close()
    key = settings.data_dir / "ledger.key"
    if not key.exists():
        make_signing_key(key)
    async with open_house(settings) as house:
        if await house.accounts.credentials(admin) is not None:
            return
        account: Account = new_account(admin, "系统管理员", frozenset({Role.SYSADMIN}))
        await house.accounts.add(account, await hash_password(password), None, house.clock.now())
