"""`lianbot twin serve` as a process."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from lianbot.cli.twin import app


async def test_it_serves_until_interrupted_and_keeps_its_state(tmp_path: Path) -> None:
    people, state = tmp_path / "people.json", tmp_path / "state.json"
    people.write_text(json.dumps([{"id": "wang", "name": "王芳"}]), encoding="utf-8")
    program = "from lianbot.cli.twin import app; app()"
    arguments = ["serve", "--port", "0", "--json", "--corp-id", "wwtest"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        "--people",
        str(people),
        "--state",
        str(state),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    addresses = json.loads(await process.stdout.readline())
    asked = addresses["wall"] + "api/accounts"
    async with aiohttp.ClientSession() as session, session.get(asked) as got:
        assert (await got.json())["wecom"]["corp_id"] == "wwtest"
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0
    assert json.loads(state.read_text(encoding="utf-8"))["phones"][0]["name"] == "王芳"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--clock", "sundial"], "sundial"),
        (["--wecom-aes-key", "short"], "aes_key"),
        (["--official-mode", "loud"], "mode"),
    ],
)
def test_a_wrong_option_ends_with_2_and_names_it(arguments: list[str], named: str) -> None:
    result = CliRunner().invoke(app, ["serve", "--port", "0", *arguments])
    assert (result.exit_code, named in result.stderr) == (2, True)


def test_a_busy_port_ends_with_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        result = CliRunner().invoke(app, ["serve", "--port", port])
    assert (result.exit_code, port in result.stderr) == (3, True)
