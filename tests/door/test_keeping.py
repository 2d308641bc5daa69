"""Spool, store, flush and purge: nothing lost, nothing doubled, no trace of order or count."""

import base64
import dataclasses
import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from lianbot.door.keeper import ANSWER, PHOTO_ANSWER, Keeper
from lianbot.sealing import bulletin, envelope, intake, packs
from lianbot.sealing.recipients import RecipientsError, write_recipients
from lianbot.sealing.stamps import CALM_BITS, make_stamp

NO_STAMP = bytes(16)
SIGNER = SigningKey(b"\x05" * 32)


def write_pack(school: Any, number: int, week: str, fetched: str = "0000W00", **more: Any) -> None:
    office = school.offices[number]
    pack = packs.Pack(
        office=office.id,
        week=week,
        codes=tuple(range(12)),
        replies=more.pop("replies", None) or tuple(school.letter() for _ in range(8)),
        fetched=fetched,
        **more,
    )
    path = school.folder / "in" / f"{office.id}-{week}.pack"
    path.write_text(packs.write_pack(pack, office.signing))


def put(keeper: Keeper, school: Any, letter: bytes) -> bool:
    return keeper.exchange(school.ask(letter), NO_STAMP).startswith(letter)


def test_an_accepted_letter_reads_back_before_and_after_the_flush(school: Any) -> None:
    keeper, letter = school.open(), school.letter()
    assert put(keeper, school, letter)
    keeper.flush()
    assert keeper.exchange(school.ask(letter, put=False), NO_STAMP).startswith(letter)


def test_reading_stores_nothing(school: Any) -> None:
    keeper, letter = school.open(), school.letter()
    keeper.exchange(school.ask(letter, put=False), NO_STAMP)
    assert not keeper.exchange(school.ask(letter, put=False), NO_STAMP).startswith(letter)


def test_the_first_letter_under_a_tag_stays(school: Any) -> None:
    keeper = school.open()
    first, second = school.letter(tag=bytes(16)), school.letter(tag=bytes(16), body=b"other")
    put(keeper, school, first)
    assert not put(keeper, school, second)
    keeper.flush()
    assert not put(keeper, school, second)
    assert put(keeper, school, first)


@pytest.mark.parametrize("count", [0, 1, 8, 9, 17])
def test_spool_and_store_are_always_whole_blocks(school: Any, count: int) -> None:
    keeper = school.open()
    for _ in range(count):
        put(keeper, school, school.letter())
    blocks = max(1, -(-count // 8))
    assert (school.folder / "spool.bin").stat().st_size == blocks * 8 * envelope.LETTER
    keeper.flush()
    assert len(keeper.letter_store.tags()) == blocks * 8


def test_after_a_restart_every_slot_found_counts_as_taken(school: Any) -> None:
    letters = [school.letter(), school.letter()]
    assert put(school.open(), school, letters[0])
    keeper = school.open()
    assert put(keeper, school, letters[1])
    assert len(keeper.letters.rows()) == 16
    assert all(keeper.letters.find(letter[:16]) for letter in letters)


def test_a_flush_by_another_process_costs_no_letter(school: Any) -> None:
    running, by_hand = school.open(), school.open()
    letters = [school.letter() for _ in range(3)]
    put(running, school, letters[0])
    by_hand.flush()
    put(running, school, letters[1])
    by_hand.flush()
    put(running, school, letters[2])
    assert all(
        running.exchange(school.ask(one, put=False), NO_STAMP).startswith(one) for one in letters
    )


def test_unfinished_files_are_forgotten_at_the_start(school: Any) -> None:
    school.open()
    (school.folder / "spool.bin.new").write_bytes(b"half")
    (school.folder / "out" / "sealed.bin.new").write_bytes(b"half")
    school.open()
    assert not list(school.folder.rglob("*.new"))


def test_two_histories_of_the_same_rows_are_byte_identical(school: Any, tmp_path: Path) -> None:
    rows = [school.letter() for _ in range(24)]

    def history(name: str, batches: list[list[bytes]]) -> str:
        folder = tmp_path / name
        folder.mkdir()
        keeper = school.open()
        keeper.letter_store = type(keeper.letter_store)(path=folder / "concern.db")
        for batch in batches:
            keeper.letter_store.rewrite(batch, week="2026W49", keep_from="", day=school.now.date())
        return hashlib.sha256((folder / "concern.db").read_bytes()).hexdigest()

    once = history("once", [rows])
    daily = history("daily", [rows[16:], rows[3:16], rows[:3], [], rows[5:9]])
    assert once == daily


def test_file_times_say_only_the_day(school: Any) -> None:
    keeper = school.open()
    put(keeper, school, school.letter())
    keeper.flush()
    times = {
        int(path.stat().st_mtime + 8 * 3600) % 86400
        for path in school.folder.rglob("*")
        if path.is_file() and path.name not in {"recipients.json", "signer", "door.lock"}
    }
    assert times == {0}


def test_neither_lock_nor_store_shows_when_somebody_wrote(school: Any) -> None:
    keeper = school.open()
    before = {
        name: (school.folder / name).stat().st_mtime_ns
        for name in ("door.lock", "spool.bin", "concern.db")
    }
    put(keeper, school, school.letter())
    after = {name: (school.folder / name).stat().st_mtime_ns for name in before}
    assert before == after


def test_a_reader_costs_the_same_file_as_a_writer(school: Any) -> None:
    keeper, letter = school.open(), school.letter()
    marks = [(school.folder / "spool.bin").stat().st_ctime_ns]
    for asked in (school.ask(letter, put=False), school.ask(letter), school.ask(letter)):
        keeper.exchange(asked, NO_STAMP)
        marks.append((school.folder / "spool.bin").stat().st_ctime_ns)
    assert len(set(marks)) == 4


def test_only_the_shelf_can_be_read_by_the_group(school: Any) -> None:
    school.open().flush()
    modes = {path.name: path.stat().st_mode & 0o777 for path in school.folder.iterdir()}
    assert {modes[name] for name in ("concern.db", "media.db", "spool.bin", "fetched.json")} == {
        0o600
    }
    assert {path.stat().st_mode & 0o777 for path in (school.folder / "out").iterdir()} == {0o640}


def test_the_store_has_the_published_columns_and_no_other_table(school: Any) -> None:
    school.open().flush()
    with sqlite3.connect(school.folder / "concern.db") as db:
        names = db.execute("SELECT name, sql FROM sqlite_master").fetchall()
        weeks = {row[0] for row in db.execute("SELECT wk FROM envelope")}
    db.close()
    assert [name for name, _ in names] == ["envelope"]
    assert "WITHOUT ROWID" in names[0][1]
    assert weeks == {"2026W49"}


def test_out_holds_every_row_and_a_root_that_proves_it(school: Any) -> None:
    keeper, letter = school.open(), school.letter()
    put(keeper, school, letter)
    keeper.flush()
    out = school.folder / "out"
    sealed = (out / "sealed.bin").read_bytes()
    rows = [sealed[at : at + envelope.LETTER] for at in range(0, len(sealed), envelope.LETTER)]
    record = json.loads((out / "intake.json").read_text())
    board = bulletin.read_bulletin((out / "bulletin.bin").read_bytes())
    assert letter in rows
    assert [leaf.hex() for leaf in intake.leaves(rows)] == record["leaves"]
    assert intake.root([intake.leaf_hash(leaf) for leaf in intake.leaves(rows)]) == board.root
    assert intake.leaf_hash(intake.leaf(letter)) in board.leaves


def test_nothing_is_purged_that_an_office_has_not_fetched(school: Any) -> None:
    keeper = school.open()
    put(keeper, school, school.letter())
    keeper.flush()
    school.later(weeks=30)
    write_pack(school, 0, "2027W26", fetched="2027W25")
    keeper.flush()
    assert len(keeper.letter_store.tags()) == 8 + 8 + 8


def test_old_weeks_go_whole_once_every_office_has_fetched_them(school: Any) -> None:
    keeper = school.open()
    put(keeper, school, school.letter())
    keeper.flush()
    school.later(weeks=30)
    for number in (0, 1):
        write_pack(school, number, "2027W26", fetched="2027W25")
    keeper.flush()
    assert {row[1] for row in keeper.letter_store.rows()} == {"2027W26"}


def test_the_attested_week_is_remembered_when_the_pack_has_gone(school: Any) -> None:
    keeper = school.open()
    write_pack(school, 0, "2026W49", fetched="2026W48")
    keeper.flush()
    (school.folder / "in" / "hq-2026W49.pack").unlink()
    keeper.flush()
    kept = json.loads((school.folder / "fetched.json").read_text())
    assert kept == {"hq": "2026W48", "jw": "0000W00"}


def test_replies_of_a_pack_become_rows_once(school: Any) -> None:
    keeper = school.open()
    write_pack(school, 0, "2026W49")
    keeper.flush()
    keeper.flush()
    assert len(keeper.letter_store.tags()) == 8 + 8 + 8


def test_a_pack_that_repeats_some_replies_still_leaves_whole_blocks(school: Any) -> None:
    keeper = school.open()
    same = [school.letter() for _ in range(3)]
    for number in (0, 1):
        more = tuple(school.letter() for _ in range(5))
        write_pack(school, number, "2026W49", replies=(*same, *more))
    keeper.flush()
    assert len(keeper.letter_store.tags()) % 8 == 0


def test_a_missing_pack_is_covered_by_codes_that_stay_all_week(school: Any) -> None:
    keeper = school.open()
    keeper.flush()
    first = bulletin.read_bulletin(keeper.bulletin())
    school.later(days=1)
    keeper.flush()
    second = bulletin.read_bulletin(keeper.bulletin())
    assert first.codes == second.codes
    write_pack(school, 0, "2026W49")
    keeper.flush()
    third = bulletin.read_bulletin(keeper.bulletin())
    assert len(set(second.codes) - set(third.codes)) == 12
    assert len(third.codes) == 36


def test_a_forged_pack_changes_nothing(school: Any) -> None:
    keeper = school.open()
    write_pack(school, 0, "2026W49")
    path = school.folder / "in" / "hq-2026W49.pack"
    path.write_text(path.read_text().replace('"sig": "', '"sig": "AAAA'))
    keeper.flush()
    assert len(keeper.letter_store.tags()) == 8


@pytest.mark.parametrize(
    "inner",
    [
        {"week": "2026W60"},
        {"week": 7},
        {"fetched": "2026W99"},
        {"fetched": "9999W52"},
        {"fetched": "2026W50"},
        {"fetched": None},
        {"codes": [1e400] * 12},
        {"statement": "NTU="},
        {"office": []},
    ],
)
def test_a_signed_but_strange_pack_changes_nothing(school: Any, inner: dict[str, Any]) -> None:
    keeper = school.open()
    write_pack(school, 0, "2026W49")
    path = school.folder / "in" / "hq-2026W49.pack"
    text = base64.b64decode(json.loads(path.read_text())["pack"])
    text = json.dumps(json.loads(text) | inner).encode()
    signature = school.offices[0].signing.sign(packs.LABEL + text).signature
    made = {"pack": base64.b64encode(text).decode(), "sig": base64.b64encode(signature).decode()}
    path.write_text(json.dumps(made))
    keeper.flush()
    assert len(keeper.letter_store.tags()) == 8
    assert json.loads((school.folder / "fetched.json").read_text())["hq"] == "0000W00"


def test_a_file_that_only_looks_like_a_pack_does_not_stop_the_flush(school: Any) -> None:
    keeper = school.open()
    (school.folder / "in" / "deep.pack").write_text("[" * 100_000)
    (school.folder / "in" / "folder.pack").mkdir()
    keeper.flush()
    assert len(keeper.letter_store.tags()) == 8


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"[" * 50_000, b"\xff", b'{"list": 7}'])
def test_a_broken_list_leaves_the_old_one_in_force(school: Any, raw: bytes) -> None:
    keeper = school.open()
    listed = (school.folder / "out" / "recipients.json").read_bytes()
    (school.folder / "recipients.json").write_bytes(raw)
    keeper.flush()
    assert (school.folder / "out" / "recipients.json").read_bytes() == listed


def test_a_list_of_another_signer_or_salt_is_not_posted_while_the_door_runs(school: Any) -> None:
    keeper = school.open()
    listed = (school.folder / "out" / "recipients.json").read_bytes()
    salted = dataclasses.replace(school.recipients, salt=bytes(16))
    for other in (
        write_recipients(school.recipients, SigningKey(b"\x09" * 32)),
        write_recipients(salted, SIGNER),
    ):
        (school.folder / "recipients.json").write_text(other)
        keeper.flush()
        assert (school.folder / "out" / "recipients.json").read_bytes() == listed


def test_four_photos_are_kept_and_answered_by_their_hashes(school: Any) -> None:
    keeper = school.open()
    sealed = [school.photo() for _ in range(4)]
    answer = keeper.photo_exchange(b"".join(sealed), NO_STAMP)
    assert answer == b"".join(intake.leaf(one)[16:] for one in sealed)
    keeper.flush()
    shelf = (school.folder / "out" / "media-2026W49.bin").read_bytes()
    assert all(one in shelf for one in sealed)
    assert keeper.photo_exchange(b"".join(sealed), NO_STAMP) == answer


def test_a_day_without_photos_adds_four_rows_like_a_day_with_them(school: Any) -> None:
    keeper = school.open()
    keeper.flush()
    assert len(keeper.photo_store.tags()) == 4
    keeper.photo_exchange(b"".join(school.photo() for _ in range(4)), NO_STAMP)
    keeper.flush()
    assert len(keeper.photo_store.tags()) == 8


def test_beyond_the_bucket_the_answer_has_the_same_size_and_nothing_is_kept(school: Any) -> None:
    keeper = school.open(unlimited=False)
    letters = [school.letter() for _ in range(20)]
    kept = [put(keeper, school, letter) for letter in letters]
    assert kept == [True] * 15 + [False] * 5
    refused = keeper.exchange(school.ask(letters[-1]), NO_STAMP)
    assert len(refused) == ANSWER


def test_a_stamp_still_opens_the_door_in_a_flood_without_work(school: Any) -> None:
    keeper = school.open(unlimited=False)
    for _ in range(40):
        put(keeper, school, school.letter())
    letter = school.letter()
    assert keeper.exchange(school.ask(letter), make_stamp(letter)).startswith(letter)


def test_a_whole_day_of_flood_without_work_shuts_nobody_out(school: Any) -> None:
    bucket = school.open(unlimited=False).letter_bucket
    for _ in range(24 * 60):
        bucket.take(0)
        school.later(minutes=1)
    assert bucket.take(CALM_BITS)


def test_a_hundred_a_day_is_the_end_even_with_stamps(school: Any) -> None:
    keeper = school.open(unlimited=False)
    bucket = keeper.letter_bucket
    taken = 0
    for _ in range(8):
        taken += sum(bucket.take(128) for _ in range(40))
        school.later(hours=1)
    assert 100 <= taken <= 100 + 100 * 8 / 24 + 1


def test_a_full_disk_answers_like_a_refusal(school: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, letter = school.open(), school.letter()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = keeper.exchange(school.ask(letter), NO_STAMP)
    assert len(answer) == ANSWER
    assert not answer.startswith(letter)
    assert len(keeper.photo_exchange(b"".join([school.photo()] * 4), NO_STAMP)) == PHOTO_ANSWER
    monkeypatch.undo()
    assert put(keeper, school, letter)


def test_a_list_signed_by_a_stranger_is_not_obeyed(school: Any) -> None:
    school.open()
    (school.folder / "signer").write_text("0" * 64)
    with pytest.raises(RecipientsError, match="another key"):
        school.open()


def test_without_a_list_the_door_says_how_to_make_one(school: Any) -> None:
    (school.folder / "recipients.json").unlink()
    with pytest.raises(RecipientsError, match="officer recipients"):
        school.open()
