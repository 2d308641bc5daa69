"""`lianbot demo --once` as a person runs it: its figures agree with its rows, its phones and its ledger."""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fakes.house import command_environment
from lianbot.evidence.verify_bundle import verify
from lianbot.ports.desk import PLAIN

OUTCOMES = ("accepted", "refused", "unknown", "skipped", "deferred")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One head-less run and what it left behind."""

    said: dict[str, Any]
    lines: list[str]
    folder: Path
    rows: list[sqlite3.Row]
    pushed: Counter[str]


@pytest.fixture(scope="module")
def demo(small_content: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("demo") / "kept"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "lianbot", "demo", "--once", "--workers", "60"),
            *("--json", "--keep", str(folder)),
        ],
        env=command_environment(LIANBOT_CONTENT_DIR=str(small_content)),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    phones = json.loads((folder / "twin.json").read_text(encoding="utf-8"))["phones"]
    with closing(sqlite3.connect(folder / "lianbot.db")) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute("SELECT * FROM deliveries").fetchall()
    pushed = Counter(
        {one["id"]: sum(bool(each["msgid"]) for each in one["received"]) for one in phones}
    )
    return Run(said=json.loads(lines[-1]), lines=lines, folder=folder, rows=rows, pushed=pushed)


def test_every_planned_row_ends_in_exactly_one_outcome(demo):
    assert sum(demo.said[one] for one in OUTCOMES) == demo.said["planned"]
    assert demo.said["unknown"] == 0
    assert demo.said["planned"] >= demo.said["workers"] == 60


def test_the_object_is_the_last_line_and_has_the_fields_of_the_contract(demo):
    assert set(demo.said) == {
        *("workers", "planned", *OUTCOMES, "opened", "acknowledged", "assisted", "answered"),
        *("concerns", "ledger", "stats", "seconds"),
    }
    assert set(demo.said["ledger"]) == {"size", "root", "verified"}
    assert set(demo.said["concerns"]) == {"filed", "opened_by_officer", "replied", "picked_up"}


def test_the_object_has_coverage_by_team_and_no_kind_of_answer(demo):
    assert demo.said["stats"]
    measures = {name for values in demo.said["stats"].values() for name in values}
    assert {"total", "answered"} <= measures <= set(PLAIN)


def test_the_figures_are_those_of_the_rows(demo):
    states = Counter(row["state"] for row in demo.rows)
    assert demo.said["planned"] == len(demo.rows)
    for one in ("accepted", "refused", "unknown", "skipped", "deferred"):
        assert demo.said[one] == states[one], one


def test_every_accepted_row_is_on_a_phone_once_and_no_phone_shows_anything_else(demo):
    accepted = Counter(row["account"] for row in demo.rows if row["state"] == "accepted")
    assert accepted
    assert demo.pushed == accepted


def test_the_exported_ledger_verifies_with_the_root_it_printed(demo):
    report = verify(demo.folder / "evidence")
    assert demo.said["ledger"] == {
        "size": report.size,
        "root": report.root_b64,
        "verified": True,
    }


def test_the_bundles_own_program_needs_the_standard_library_only(demo):
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "."],
        cwd=demo.folder / "evidence",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_counters_are_what_the_rows_add_up_to(demo, small_content):
    done = subprocess.run(
        [sys.executable, "-m", "lianbot", "db", "check"],
        env=command_environment(
            LIANBOT_DATABASE_URL=f"sqlite:///{demo.folder / 'lianbot.db'}",
            LIANBOT_DATA_DIR=str(demo.folder),
            LIANBOT_CONTENT_DIR=str(small_content),
            LIANBOT_SECRET_KEY="k" * 40,
            LIANBOT_CLOCK=f"file:{demo.folder / 'clock'}",
        ),
        cwd=demo.folder.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_that_is_not_empty_is_left_alone(demo, small_content):
    before = sorted(one.name for one in demo.folder.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "lianbot", "demo", "--once", "--keep", str(demo.folder)],
        env=command_environment(LIANBOT_CONTENT_DIR=str(small_content)),
        cwd=demo.folder.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert str(demo.folder) in done.stderr
    assert sorted(one.name for one in demo.folder.iterdir()) == before
