"""What a running door keeps in memory and writes to logs, beside builds that keep and write too much."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from nacl.signing import SigningKey

from lianbot.door.app import QuietRunner
from lianbot.door.page import BUILT
from lianbot.officer.keyfile import new_keys
from lianbot.sealing.recipients import Recipients, write_recipients
from lianbot.sealing.reporter import Reporter
from lianbot.sealing.weeks import epoch_of

TEXT = "夜里十一点库房后门有人往外搬大米和食用油"
AGENT = "MicroMessenger-HUAWEI-LYA-AL00-build-19871234"

needs_page = pytest.mark.skipif(
    not (BUILT / "door.js").exists(), reason="run `npm ci && node build.mjs` in frontend/"
)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, Recipients]]:
    """A door process on a free port."""
    today = date.fromisoformat(_today())
    keys = new_keys("hq", "后勤纪检委员", epoch_of(today))
    recipients = Recipients(
        log="lianbot/0123456789abcdef",
        salt=bytes(range(16)),
        serial=1,
        day=today,
        offices=(keys.public,),
    )
    (tmp_path / "recipients.json").write_text(write_recipients(recipients, SigningKey(bytes(32))))
    env = {**os.environ, "LIANBOT_DOOR_DIR": str(tmp_path), "LIANBOT_DOOR_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-c", "from lianbot.cli.door import app; app()", "serve", "--json"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["url"], recipients
        process.send_signal(signal.SIGTERM)


def _today() -> str:
    from lianbot.door.clock import open_clock, school_day

    return school_day(open_clock("system")).isoformat()


def memory_of(pid: int) -> bytes:
    """All readable private memory of a process; root may read it even where the process forbids others."""
    kept = bytearray()
    maps = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not found or "[v" in line:
                continue
            start, end = (int(part, 16) for part in found.groups())
            try:
                memory.seek(start)
                kept += memory.read(end - start)
            except OSError:
                continue
    return bytes(kept)


@needs_page
def test_after_one_more_request_memory_holds_no_word_receipt_or_ciphertext(
    door: tuple[subprocess.Popen[str], str, Recipients],
) -> None:
    process, url, recipients = door
    sent: list[bytes] = []

    def post(path: str, body: bytes) -> bytes:
        sent.append(body)
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            url.removesuffix("/m/") + path, data=body, headers={"User-Agent": AGENT}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own loopback address
            return bytes(answer.read())

    reporter = Reporter(recipients=recipients, day=date.fromisoformat(_today()), post=post)
    reporter.file(TEXT)
    envelope = sent[-1][-16682:]
    for _ in range(3):
        with urllib.request.urlopen(url):  # noqa: S310 - our own loopback address
            pass
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            Path(f"/proc/{process.pid}/mem").open("rb").close()
        return
    memory = memory_of(process.pid)
    assert recipients.log.encode() in memory  # the search reaches the process's own strings
    for word in (TEXT, TEXT[3:9], reporter.receipt, reporter.receipt[:18]):
        assert word.encode() not in memory
    assert reporter.keys.to_officer not in memory
    assert memory.count(envelope[5000:5064]) == 0
    assert memory.count(AGENT.encode()) == 0, memory.count(AGENT.encode())


def test_a_process_that_saw_the_text_would_be_caught() -> None:
    code = f"import sys; kept = {TEXT!r}.encode() + b'-kept'; print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        memory = memory_of(process.pid)
        process.kill()
    assert TEXT.encode() in memory


async def _break_things(runner: Any) -> None:
    import asyncio

    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    for sent in (b"GET /crash HTTP/1.1\r\nHost: a\r\n\r\n", b"GARBAGE\r\n\r\n"):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(5):
            await reader.read(200)
        writer.close()
    await runner.cleanup()


def _crashing() -> web.Application:
    async def crash(request: web.Request) -> web.Response:
        raise RuntimeError("secret of the request")

    app = web.Application()
    app.router.add_get("/crash", crash)
    return app


@pytest.mark.parametrize(("quiet", "silent"), [(True, True), (False, False)])
async def test_only_the_usual_runner_writes_addresses_when_things_break(
    quiet: bool, silent: bool
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        await _break_things(QuietRunner(_crashing()) if quiet else web.AppRunner(_crashing()))
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    said = stream.getvalue()
    assert ("127.0.0.1" not in said and "secret" not in said) is silent
