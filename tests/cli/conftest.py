"""A folder with everything `lianbot` needs, and the command run in it as a person would."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fakes.fixtures import prepared
from fakes.house import START, cast_of, copy_prepared, enrol, people
from fakes.passwords import quick_hash
from lianbot.bootstrap import open_house
from lianbot.cli.main import build
from lianbot.settings import environment, load_settings
from lianbot.timetable.clocks import move_clock

__all__ = ["prepared"]
PASSWORD = "一句自己记得住的长话"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one line of `--json`."""
        lines = self.out.splitlines()
        assert len(lines) == 1, f"more than one line: {self.out}{self.err}"
        return json.loads(lines[0])


Run = Callable[..., Said]


@cache
def _command() -> Any:
    return build(None)


@pytest.fixture
def lianbot() -> Run:
    def run(*arguments: str, typed: str | None = None) -> Said:
        done = CliRunner().invoke(_command(), list(arguments), input=typed, prog_name="lianbot")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(code=done.exit_code, out=done.stdout, err=done.stderr)

    return run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, small_content: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with no setting of this machine."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)
    move_clock(folder / "clock", START)
    for name, value in {
        "CONTENT_DIR": small_content,
        "SECRET_KEY": "k" * 40,
        "CLOCK": f"file:{folder / 'clock'}",
        "PASSWORD": PASSWORD,
    }.items():
        monkeypatch.setenv(f"LIANBOT_{name}", str(value))
    return folder


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first school of the run is kept for the others."""
    return tmp_path_factory.mktemp("settled")


@pytest.fixture
def school(home: Path, prepared: Path, settled: Path) -> Path:
    """A database with approved content, six cooks, and two accounts with the password."""
    if (settled / "lianbot.db").exists():
        copy_prepared(settled, home)
        return home
    copy_prepared(prepared, home)
    asyncio.run(_settle())
    copy_prepared(home, settled)
    return home


async def _settle() -> None:
    async with open_house(load_settings(), check_schema=False) as house:
        cast = await cast_of(house)
        await enrol(house, people(6), cast.author)
        hashed = quick_hash(PASSWORD)
        for account in (cast.author, cast.reviewer):
            await house.accounts.change_password(account.id, hashed, account.id, house.clock.now())
