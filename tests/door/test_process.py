"""The door as a process of its own: what it imports, when it flushes, how it starts and stops."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lianbot.cli.door import app
from lianbot.door import process
from lianbot.door.clock import ClockError, open_clock
from lianbot.door.page import BUILT
from lianbot.door.settings import DoorSettingsError, read_settings
from lianbot.door.status import look

built = pytest.mark.skipif(
    not (BUILT / "door.js").exists(), reason="page not built: run `node build.mjs` in frontend/"
)
FORBIDDEN = (
    "sqlalchemy",
    "lianbot.bootstrap",
    "lianbot.web",
    "lianbot.runner",
    "lianbot.twin",
    "lianbot.flows",
    "lianbot.storage",
    "lianbot.channels",
    "lianbot.curriculum",
    "lianbot.ports",
    "lianbot.domain",
    "lianbot.settings",
)


def test_the_process_holds_no_module_that_knows_a_name() -> None:
    code = "import sys, lianbot.cli.door, lianbot.door.process; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "lianbot.door.keeper" in loaded
    assert not [name for name in loaded if name.startswith(FORBIDDEN)]


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (date(2026, 12, 1), datetime(2026, 12, 1, 12, tzinfo=UTC), False),
        (date(2026, 12, 1), datetime(2026, 12, 1, 19, 9, tzinfo=UTC), False),
        (date(2026, 12, 1), datetime(2026, 12, 1, 19, 10, tzinfo=UTC), True),
        (date(2026, 11, 28), datetime(2026, 12, 1, 12, tzinfo=UTC), True),
    ],
)
def test_a_flush_is_due_once_a_day_after_ten_past_three(
    last: date, now: datetime, due: bool
) -> None:
    assert process.flush_is_due(lambda: now, last, spread=0) is due


def test_a_moved_clock_is_read_at_every_look(tmp_path: Any) -> None:
    offset = tmp_path / "offset"
    clock = open_clock(f"file:{offset}")
    before = clock()
    offset.write_text("86400")
    assert (clock() - before).days == 1
    offset.write_text("tomorrow")
    with pytest.raises(ClockError, match="seconds"):
        clock()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIANBOT_DOOR_PORT", "x"),
        ("LIANBOT_DOOR_PUBLIC_URL", "https://h/other"),
        ("LIANBOT_DOOR_SOCKET", "/s"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(DoorSettingsError, match=name):
        read_settings()


def test_status_names_what_is_wrong(school: Any) -> None:
    school.open()
    assert look(school.folder, school.clock).problems == ()
    school.later(weeks=6)
    said = " ".join(look(school.folder, school.clock).problems)
    assert "没有混合" in said
    assert "校纪委 没有声明" in said
    assert "2026Q4" in said


def test_status_names_a_pack_that_no_flush_takes(school: Any) -> None:
    school.open()
    (school.folder / "in" / "hq-2026W49-001.pack").write_text('{"pack": "e30="}')
    [said] = look(school.folder, school.clock).problems
    assert "in/hq-2026W49-001.pack 没有用上" in said
    assert "重新做" in said


def test_without_a_door_status_cannot_run(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANBOT_DOOR_DIR", str(tmp_path))
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 3
    assert "officer recipients" in result.output


@built
def test_the_process_starts_serves_and_stops_without_a_word(school: Any) -> None:
    env = {
        **os.environ,
        "LIANBOT_DOOR_DIR": str(school.folder),
        "LIANBOT_DOOR_PORT": "0",
    }
    code = "from lianbot.cli.door import app; app()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "serve", "--json"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as door:
        assert door.stdout is not None
        assert door.stderr is not None
        url = json.loads(door.stdout.readline())["url"]
        with urllib.request.urlopen(url) as page:  # noqa: S310 - our own loopback address
            policy = page.headers["Content-Security-Policy"]
        status = Path(f"/proc/{door.pid}/limits").read_text()
        door.send_signal(signal.SIGTERM)
        rest = door.stdout.read() + door.stderr.read()
    assert f"connect-src {url.removesuffix('/m/')}/c/" in policy
    assert "Max core file size        0" in status
    assert (door.returncode, rest) == (0, "")
