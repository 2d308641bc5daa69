"""An attacker with everything from a month: first guesses are luck, and the attacks do work on broken builds."""

import base64
import hashlib
import json
import math
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lianbot.door.spool import Spool
from lianbot.door.store import Store
from lianbot.officer.weekly import coarse
from lianbot.sealing.envelope import LETTER, TAG, open_envelope

Months = Callable[[int], Any]
SIZES = [12, pytest.param(60, marks=pytest.mark.slow), pytest.param(200, marks=pytest.mark.slow)]
NIGHT = {"concern.db", "spool.bin", "sealed.bin", "intake.json", "bulletin.bin"}


@pytest.fixture(params=SIZES)
def world(request: pytest.FixtureRequest, months: Months) -> Any:
    return months(request.param)


def spearman(one: list[float], other: list[float]) -> float:
    """Rank correlation; both lists have distinct values."""

    def ranks(values: list[float]) -> list[int]:
        order = sorted(range(len(values)), key=lambda at: values[at])
        placed = [0] * len(values)
        for rank, at in enumerate(order):
            placed[at] = rank
        return placed

    count: int = len(one)
    total = sum((a - b) ** 2 for a, b in zip(ranks(one), ranks(other), strict=True))
    return 1.0 - 6.0 * float(total) / float(count * (count * count - 1))


def luck(count: int) -> float:
    """Four standard errors of a rank correlation of nothing: one false alarm in 16,000 looks."""
    return 4 / math.sqrt(count - 1)


def arrival_against_place(raw: bytes, pieces: list[bytes]) -> float:
    """Correlation of true arrival with the place of the row's bytes (also in overflow pages)."""
    wanted = [(at, one) for one in pieces if (at := raw.find(one)) >= 0]
    assert len(wanted) == len(pieces)
    return spearman([float(at) for at, _ in wanted], [float(n) for n in range(len(wanted))])


def letters_by_arrival(world: Any, start: int, size: int) -> list[bytes]:
    """A distinctive piece of every real row, in the order in which they really came."""
    with sqlite3.connect(world.folder / "concern.db") as db:
        rows = dict(db.execute("SELECT tag, body FROM envelope").fetchall())
    db.close()
    truth = sorted(world.truth, key=lambda one: one.moment)
    return [rows[one.tag][start : start + size] for one in truth]


def test_the_month_went_as_planned(world: Any) -> None:
    assert len({one.dialogue for one in world.truth}) >= 35
    assert len(world.truth) > 60
    assert world.picked_up >= 24


def test_the_first_guess_is_luck(world: Any, attacker: Any, figures: Any) -> None:
    verdict = attacker.guess_all(world, world.loot())
    figures.note(
        world, "first_guess", f"{verdict.right}/{verdict.tried}, allowed {verdict.allowed}"
    )
    assert verdict.right <= verdict.allowed
    assert verdict.certain == 0


def test_the_guess_succeeds_where_menu_events_and_moments_are_kept(
    world: Any, attacker: Any, figures: Any
) -> None:
    loot = world.loot()
    loot.events = world.views
    loot.moments = {one.tag: one.moment for one in world.truth}
    verdict = attacker.guess_all(world, loot)
    figures.note(
        world, "broken_moments", f"{verdict.right}/{verdict.tried}, allowed {verdict.allowed}"
    )
    assert verdict.right > verdict.allowed
    assert verdict.certain > 0


def test_the_guess_succeeds_where_events_are_kept_and_follow_ups_can_be_linked(
    world: Any, attacker: Any, figures: Any
) -> None:
    loot = world.loot()
    loot.events = world.views
    alone = attacker.guess_all(world, loot)
    figures.note(world, "events_by_day", f"{alone.right}/{alone.tried}, allowed {alone.allowed}")
    loot.dialogues = {one.tag: one.dialogue for one in world.truth}
    verdict = attacker.guess_all(world, loot)
    figures.note(
        world, "broken_linked", f"{verdict.right}/{verdict.tried}, allowed {verdict.allowed}"
    )
    assert verdict.right > verdict.allowed


@pytest.mark.parametrize(("start", "size"), [(0, 16), (9000, 64), (16000, 64)])
def test_the_place_of_a_row_in_the_store_tells_no_order(
    world: Any, start: int, size: int, figures: Any
) -> None:
    pieces = letters_by_arrival(world, start, size)
    rho = arrival_against_place((world.folder / "concern.db").read_bytes(), pieces)
    figures.note(world, f"rho_{start}", f"{rho:+.3f}, luck {luck(len(pieces)):.3f}")
    assert abs(rho) < luck(len(pieces))


def test_a_store_that_appends_day_by_day_gives_the_order_away(world: Any, tmp_path: Path) -> None:
    pieces = letters_by_arrival(world, 9000, 64)
    with sqlite3.connect(world.folder / "concern.db") as db:
        rows = {row[0]: row for row in db.execute("SELECT tag, wk, body FROM envelope")}
    db.close()
    with sqlite3.connect(tmp_path / "broken.db") as broken:
        broken.execute(
            "CREATE TABLE envelope(tag BLOB PRIMARY KEY, wk TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID"
        )
        for one in sorted(world.truth, key=lambda one: one.moment):
            broken.execute("INSERT INTO envelope VALUES (?, ?, ?)", rows[one.tag])
            broken.commit()
    broken.close()
    rho = arrival_against_place((tmp_path / "broken.db").read_bytes(), pieces)
    assert rho > luck(len(pieces))


def test_the_spool_tells_no_order_inside_a_block(months: Months) -> None:
    world = months(12)
    chance = random.Random(3)
    places: list[float] = []
    orders: list[float] = []
    for count in range(30):
        path = world.folder.parent / "order.bin"
        path.unlink(missing_ok=True)
        spool = Spool(
            path=path,
            size=LETTER,
            block=8,
            site_salt=world.recipients.salt,
            today=lambda: world.now.date(),
        )
        spool.open()
        tags = [chance.randbytes(16) for _ in range(8)]
        for order, tag in enumerate(tags):
            spool.put(tag + bytes(LETTER - TAG))
            orders.append(order + count / 1000)
        rows = [row[:TAG] for row in spool.rows()]
        places += [rows.index(tag) + count / 1000 for tag in tags]
    assert abs(spearman(places, orders)) < luck(len(places))


def test_no_word_receipt_or_hash_of_one_lies_in_any_artefact(world: Any, searcher: Any) -> None:
    words = [*world.texts[:8], *(text[:6] for text in world.texts[:2]), *world.receipts[:8]]
    words += [receipt[:18] for receipt in world.receipts[:4]]
    assert searcher.find([world.folder, *world.backups[-3:]], words) == []


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "base64", "sha256"])
def test_a_planted_word_is_found_in_every_form(searcher: Any, tmp_path: Path, form: str) -> None:
    word = "食堂后门有人搬东西"
    planted = {
        "base64": base64.b64encode(b"x" + word.encode()),
        "sha256": hashlib.sha256(word.encode()).digest(),
    }.get(form) or word.encode("utf-8" if form in {"base64", "sha256"} else form)
    (tmp_path / "artefact").write_bytes(b"..." + planted + b"...")
    assert searcher.find([tmp_path], [word])


def test_no_number_of_a_worker_or_hash_of_it_lies_beside_a_concern(
    world: Any, searcher: Any
) -> None:
    numbers = [f"openid-{number:06d}-{n:04d}" for number in (1, 2) for n in range(4)]
    assert searcher.find([world.folder], numbers) == []
    (world.folder / "in" / "planted").write_bytes(every_hash(numbers[0]))
    assert searcher.find([world.folder], numbers)
    (world.folder / "in" / "planted").unlink()


def every_hash(number: str) -> bytes:
    return hashlib.sha1(number.encode()).hexdigest().encode()  # noqa: S324 - what a careless build keeps


def test_no_journal_lies_beside_the_store(world: Any) -> None:
    names = {path.name for path in world.folder.rglob("*")}
    assert not {name for name in names if name.endswith(("-wal", "-shm", "-journal", ".new"))}


def test_every_night_adds_whole_blocks_whatever_came(world: Any) -> None:
    sizes = [(copy / "sealed.bin").stat().st_size // LETTER for copy in world.backups]
    added = [now - before for before, now in zip([0, *sizes], sizes, strict=False)]
    assert {count % 8 for count in added} == {0}
    quiet = [count for count in added if count == 8]
    assert len(quiet) >= 14  # busy days exceed one block: the documented residue


def test_no_file_time_is_finer_than_a_day(world: Any) -> None:
    times = {
        int(path.stat().st_mtime + 8 * 3600) % 86400
        for copy in world.backups
        for path in copy.iterdir()
        if path.name in NIGHT
    }
    assert times == {0}


def test_no_written_word_is_finer_than_a_day(world: Any) -> None:
    for path in [*(world.folder / "out").glob("*.json"), world.folder / "fillers.json"]:
        text = json.dumps(without_hashes(json.loads(path.read_text())))
        assert not re.search(r"\d{1,2}:\d{2}|T\d{2}|1[67]\d{8}", text), path.name


def without_hashes(record: Any) -> Any:
    if isinstance(record, dict):
        hidden = {"leaves", "root", "sig", "signer", "list", "script", "codes"}
        return {key: without_hashes(value) for key, value in record.items() if key not in hidden}
    return [without_hashes(one) for one in record] if isinstance(record, list) else record


def bits_that_differ(real: list[bytes], spare: list[bytes]) -> float:
    """The largest difference of a bit's mean between two kinds of rows, in standard errors."""
    worst = 0.0
    for at in range(TAG, 282):
        for bit in range(8):
            one = sum(row[at] >> bit & 1 for row in real) / len(real)
            two = sum(row[at] >> bit & 1 for row in spare) / len(spare)
            error = math.sqrt(0.25 / len(real) + 0.25 / len(spare))
            worst = max(worst, abs(one - two) / error)
    return worst


def rows_of(world: Any) -> tuple[list[bytes], list[bytes]]:
    raw = (world.folder / "out" / "sealed.bin").read_bytes()
    rows = [raw[at : at + LETTER] for at in range(0, len(raw), LETTER)]
    real = {one.tag for one in world.truth}
    return [row for row in rows if row[:TAG] in real], [
        row for row in rows if row[:TAG] not in real
    ]


def test_no_bit_tells_a_letter_from_a_dummy(world: Any) -> None:
    assert bits_that_differ(*rows_of(world)) < 5.5  # 2,128 bits looked at


def test_dummies_of_random_bytes_would_be_told_apart(months: Months) -> None:
    real, spare = rows_of(months(12))
    random_heads = [row[:18] + os.urandom(240) + row[258:] for row in spare]
    assert bits_that_differ(real, random_heads) > 5.5


def test_the_officer_cannot_tell_which_rows_are_about_somebody_left_out(months: Months) -> None:
    world = months(12)
    key = world.keys.opening
    spare = rows_of(world)[1]
    opened = [open_envelope(row, site_salt=world.recipients.salt, keys=key) for row in spare]
    assert set(opened) == {None}


def test_rows_of_one_dialogue_share_no_bytes(world: Any) -> None:
    """Follow-ups are unlinkable at rest: any shared run of eight bytes would be a thread."""
    real, _ = rows_of(world)
    seen: dict[bytes, bytes] = {}
    for row in real:
        for at in (*range(TAG - 7), *range(18, 400)):
            piece = row[at : at + 8]
            assert seen.setdefault(piece, row[:TAG]) == row[:TAG]


def test_purged_rows_leave_nothing_behind(months: Months, tmp_path: Path) -> None:
    world = months(12)
    folder = tmp_path / "door"
    shutil.copytree(world.folder, folder)
    pieces = letters_by_arrival(world, 9000, 48)
    store = Store(path=folder / "concern.db")
    store.rewrite((), week="2027W10", keep_from="2027W10", day=world.now.date())
    raw = (folder / "concern.db").read_bytes()
    assert not any(piece in raw for piece in pieces)


def test_deleting_in_place_would_leave_them(months: Months, tmp_path: Path) -> None:
    world = months(12)
    shutil.copy(world.folder / "concern.db", tmp_path / "concern.db")
    with sqlite3.connect(tmp_path / "concern.db") as db:
        db.execute("PRAGMA secure_delete=OFF")
        db.execute("DELETE FROM envelope")
        db.commit()
    db.close()
    raw = (tmp_path / "concern.db").read_bytes()
    assert any(piece in raw for piece in letters_by_arrival(world, 9000, 48))


def test_published_counts_cannot_be_differenced() -> None:
    told = [coarse(count) for count in range(60)]
    changes = sum(one != two for one, two in pairwise(told))
    assert changes <= 60 / 5
    exact = [str(count) for count in range(60)]
    assert sum(one != two for one, two in pairwise(exact)) > 60 / 5
