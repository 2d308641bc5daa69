"""`lianbot twin serve`: the platforms' stand-in as a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lianbot.twin.accounts import ConfigError, changed
from lianbot.twin.clock import ClockError
from lianbot.twin.server import Twin
from lianbot.twin.snapshot import load_state, save_state

app = typer.Typer(
    no_args_is_help=True, help="平台替身：企业微信和公众号的本机版本，供演练和测试。"
)

_WECOM = "企业微信"
_OFFICIAL = "公众号"


@app.callback()
def twin() -> None:
    """平台替身：企业微信和公众号的本机版本，供演练和测试。"""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任意空闲端口")] = 8090,
    clock: Annotated[str, typer.Option(help="system 或 file:PATH（文件里是秒数偏移）")] = "system",
    seed: Annotated[int | None, typer.Option(help="随机种子，用于重现")] = None,
    corp_id: Annotated[str, typer.Option(help="企业 ID", rich_help_panel=_WECOM)] = "",
    agent_id: Annotated[int, typer.Option(help="应用 AgentId", rich_help_panel=_WECOM)] = 0,
    wecom_secret: Annotated[str, typer.Option(help="应用 Secret", rich_help_panel=_WECOM)] = "",
    wecom_token: Annotated[str, typer.Option(help="回调 Token", rich_help_panel=_WECOM)] = "",
    wecom_aes_key: Annotated[
        str, typer.Option(help="回调 EncodingAESKey", rich_help_panel=_WECOM)
    ] = "",
    wecom_callback: Annotated[str, typer.Option(help="回调地址", rich_help_panel=_WECOM)] = "",
    appid: Annotated[str, typer.Option(help="AppID", rich_help_panel=_OFFICIAL)] = "",
    official_secret: Annotated[
        str, typer.Option(help="AppSecret", rich_help_panel=_OFFICIAL)
    ] = "",
    official_token: Annotated[str, typer.Option(help="Token", rich_help_panel=_OFFICIAL)] = "",
    official_aes_key: Annotated[
        str, typer.Option(help="EncodingAESKey", rich_help_panel=_OFFICIAL)
    ] = "",
    official_mode: Annotated[
        str, typer.Option(help="plain、compatible 或 safe", rich_help_panel=_OFFICIAL)
    ] = "",
    official_callback: Annotated[
        str, typer.Option(help="服务器地址 URL", rich_help_panel=_OFFICIAL)
    ] = "",
    people: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="人员 JSON 列表")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(dir_okay=False, help="启动时读入、结束时写回的状态文件")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="启动后打印一行 JSON")] = False,
) -> None:
    """启动替身，直到 Ctrl-C。手机墙在 /twin/，平台接口在 /wecom 和 /official。"""
    wecom = {
        "corp_id": corp_id,
        "agent_id": agent_id,
        "secret": wecom_secret,
        "token": wecom_token,
        "aes_key": wecom_aes_key,
        "callback_url": wecom_callback,
    }
    official = {
        "appid": appid,
        "secret": official_secret,
        "token": official_token,
        "aes_key": official_aes_key,
        "mode": official_mode,
        "callback_url": official_callback,
    }
    try:
        options = _Options(
            host=host,
            port=port,
            clock=clock,
            seed=seed,
            wecom=_given(wecom),
            official=_given(official),
            people=_read_json(people) if people else [],
            state=_read_json(state) if state and state.exists() else None,
            as_json=as_json,
        )
        saved = asyncio.run(_serve(options))
    except (ConfigError, ClockError) as error:
        typer.echo(f"参数有误：{error}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"无法启动：{host}:{port} {error.strerror or error}", err=True)
        raise typer.Exit(3) from None
    if state is not None:
        _write_json(state, saved)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    host: str
    port: int
    clock: str
    seed: int | None
    wecom: dict[str, Any]
    official: dict[str, Any]
    people: list[dict[str, Any]]
    state: dict[str, Any] | None
    as_json: bool


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}


async def _serve(options: _Options) -> dict[str, Any]:
    """Serve until a signal; gives back the state at the end."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Twin.start(
        host=options.host, port=options.port, clock=options.clock, seed=options.seed
    ) as twin:
        _prepare(twin, options)
        _announce(twin, options.as_json)
        await stop.wait()
        return save_state(twin.world)


def _prepare(twin: Twin, options: _Options) -> None:
    if options.state is not None:
        load_state(twin.world, options.state)
    twin.world.wecom = changed(twin.world.wecom, options.wecom)
    twin.world.official = changed(twin.world.official, options.official)
    twin.add_people([each for each in options.people if each.get("id") not in twin.world.phones])


def _announce(twin: Twin, as_json: bool) -> None:
    addresses = {
        "wall": f"{twin.base_url}/twin/",
        "wecom": twin.wecom_base,
        "official": twin.official_base,
    }
    if as_json:
        typer.echo(json.dumps(addresses))
        return
    typer.echo(f"手机墙    {addresses['wall']}")
    typer.echo(f"企业微信  {addresses['wecom']}  （LIANBOT_WECOM_API_BASE）")
    typer.echo(f"公众号    {addresses['official']}  （LIANBOT_OFFICIAL_API_BASE）")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None


def _write_json(path: Path, payload: Any) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(json.dumps(payload, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)
