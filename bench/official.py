"""The Official Account's callbacks, plain and AES, beside an echo of the same mode."""

import sys
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from pydantic import SecretStr

from bench.callbacks import CALLS, HELP, HELP_GOAL, PEOPLE, Series, Server, port_of
from bench.calls import AES_KEY, APPID, TOKEN, OfficialPlatform
from bench.children import child
from bench.figures import Figure, ratios, spread
from bench.load import Leg, LoadError
from bench.school import School, account_of, settings_for
from lianbot.settings import Settings, variables
from lianbot.storage.database import open_database
from lianbot.timetable.clocks import SystemClock

CONNECTIONS = 32
MODES = {"plain": "official", "safe": "official-aes"}
"""Mode → its echo."""


async def measure(folder: Path, rounds: int, core: int | None) -> list[Figure]:
    figures = []
    for mode, ceiling in MODES.items():
        figures += await _mode(folder, rounds, core, mode, ceiling)
    return figures


async def _mode(
    folder: Path, rounds: int, core: int | None, mode: str, ceiling: str
) -> list[Figure]:
    settings = _settings(folder, mode)
    database = open_database(settings.database_url)
    try:
        await School(database, SystemClock().now(), official=True).open(PEOPLE)
    finally:
        await database.close()
    platform = OfficialPlatform(sealed=mode == "safe")
    async with AsyncExitStack() as stack:
        servers = {}
        for kind, command, given in (
            ("echo", ("bench.ceilings", ceiling), {}),
            ("ours", ("lianbot", "serve"), variables(settings)),
        ):
            started = await stack.enter_async_context(
                child(sys.executable, "-m", *command, core=core, folder=folder, variables=given)
            )
            servers[kind] = Server(started, port_of(await started.line()))
        found = {"echo": Series(), "ours": Series()}
        for number in range(rounds + 1):
            for kind in ("echo", "ours") if number % 2 else ("ours", "echo"):
                requests = platform.texts([account_of(n % PEOPLE) for n in range(CALLS)], HELP)
                # the first round only warms up
                series = found[kind] if number else Series()
                leg = await servers[kind].leg(requests, CONNECTIONS, series)
                _look(platform, kind, leg)
    return [_figure(mode, found["ours"], found["echo"])]


def _settings(folder: Path, mode: str) -> Settings:
    plain = settings_for(
        folder,
        f"sqlite:///{folder / f'official-{mode}.db'}",
        wecom_base="http://127.0.0.1:1/wecom",
    )
    return plain.model_copy(
        update={
            "wecom_corp_id": "",
            "official_appid": APPID,
            "official_secret": SecretStr("bench-official-secret-0123456789"),
            "official_token": SecretStr(TOKEN),
            "official_aes_key": SecretStr(AES_KEY),
            "official_mode": mode,
            "official_api_base": "http://127.0.0.1:1/official",
        }
    )


def _look(platform: OfficialPlatform, kind: str, leg: Leg) -> None:
    """A fast wrong answer is worth nothing."""
    for body in leg.bodies[:: len(leg.bodies) // 25]:
        plain = platform.open(body)
        if HELP not in plain if kind == "echo" else len(plain) < 300:
            raise LoadError(f"{kind}: {plain[:300]}")


def _figure(mode: str, ours: Series, echo: Series) -> Figure:
    ratio = ratios(ours.rates, echo.rates)
    name = "AES" if mode == "safe" else "plain"
    return Figure(
        what=f"Official Account, 帮助, {name}, full path, c = {CONNECTIONS}",
        value=f"**{ratio:.2f}** of the echo",
        beside=f"{spread(ours.rates)}/s beside {spread(echo.rates)}/s; p99 {median(ours.tails):.0f} ms; "
        f"CPU a call {ratios(ours.cpu, echo.cpu):.2f} × the echo's",
        goal=f"≥ {HELP_GOAL:g}",
        met=ratio >= HELP_GOAL,
    )
