"""Every attack of the evidence page, against the library, the shipped file alone and the page in a browser.

Each test does harm to a good bundle and says what the verifier must name: (place, name, reason).
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lianbot.evidence import keys
from lianbot.evidence.fields import write_base64

Judge = Callable[..., dict[str, Any]]
Found = tuple[str, str, str]
LOOSE = 17
"""The last entry: no checkpoint covers it, so only its own form can give it away."""


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def named(verdict: dict[str, Any]) -> Found | None:
    return None if verdict["ok"] else (verdict["place"], verdict["name"], verdict["code"])


# --- the record is changed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seq", "key", "value"),
    [
        (6, "answer", "cannot"),
        (6, "minute", "2026-12-01T12:06Z"),
        (2, "account", "00" * 32),
        (5, "worker", "00" * 32),
        (4, "planned", 5),
        (8, "root", "A" * 43 + "="),
    ],
)
def test_an_edited_field_is_caught(
    seq: int, key: str, value: object, bundle: Any, judge: Judge
) -> None:
    bundle.edit(seq, **{key: value})
    first = 8 if seq < 8 else 11
    assert named(judge(bundle.folder)) == ("checkpoint", f"{first}.txt", "root_differs")


def test_an_edited_ledger_signed_again_with_a_stolen_key_is_caught_by_the_posted_root(
    bundle: Any, judge: Judge
) -> None:
    posted = bundle.anchor(16)
    bundle.edit(6, answer="cannot")
    bundle.sign_again()
    assert judge(bundle.folder)["ok"], "alone, a stolen key cannot be seen"
    assert named(judge(bundle.folder, anchor=posted)) == ("anchor", posted, "root_differs")


def test_an_edited_ledger_signed_again_is_caught_by_a_note_among_the_anchors(
    bundle: Any, judge: Judge
) -> None:
    poster = (bundle.folder / "anchors" / "poster-8.txt").read_bytes()
    bundle.edit(6, answer="cannot")
    bundle.sign_again()
    (bundle.folder / "anchors").mkdir()
    (bundle.folder / "anchors" / "poster-8.txt").write_bytes(poster)
    assert named(judge(bundle.folder)) == ("anchor", "poster-8.txt", "root_differs")


def test_a_deleted_entry_is_caught(bundle: Any, judge: Judge) -> None:
    lines = bundle.lines
    bundle.lines = lines[:7] + lines[8:]
    assert named(judge(bundle.folder)) == ("entry", "7", "wrong_seq")


def test_a_deleted_entry_behind_new_numbers_is_caught(bundle: Any, judge: Judge) -> None:
    lines = bundle.lines
    bundle.lines = lines[:5] + lines[6:]
    (bundle.folder / "disclosures.jsonl").unlink()
    for at in range(5, 17):
        bundle.edit(at, seq=at)
    assert named(judge(bundle.folder)) == ("checkpoint", "8.txt", "root_differs")


def test_a_deleted_tail_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.lines = bundle.lines[:15]
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "beyond")


def test_a_tail_deleted_with_its_checkpoints_is_caught_by_the_posted_root(
    bundle: Any, judge: Judge
) -> None:
    posted = bundle.anchor(16)
    bundle.lines = bundle.lines[:12]
    (bundle.folder / "checkpoints" / "16.txt").unlink()
    assert named(judge(bundle.folder, anchor=posted)) == ("anchor", posted, "beyond")


def test_an_entry_dated_before_the_one_before_it_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.edit(LOOSE, minute="2026-12-01T22:06Z")
    assert named(judge(bundle.folder)) == ("entry", "17", "minute_backwards")


def test_an_entry_dated_before_the_checkpoint_before_it_is_caught(
    bundle: Any, judge: Judge
) -> None:
    bundle.edit(16, minute="2026-12-01T21:10Z")
    assert named(judge(bundle.folder)) == ("entry", "16", "before_checkpoint")


def test_an_entry_dated_after_the_checkpoint_that_covers_it_is_caught(
    bundle: Any, judge: Judge
) -> None:
    bundle.edit(7, minute="2026-12-01T13:38Z")
    bundle.sign_again()
    assert named(judge(bundle.folder)) == ("entry", "7", "after_checkpoint")


def test_reordered_entries_are_caught(bundle: Any, judge: Judge) -> None:
    lines = bundle.lines
    lines[16], lines[17] = lines[17], lines[16]
    bundle.lines = lines
    assert named(judge(bundle.folder)) == ("entry", "16", "wrong_seq")


def test_entries_reordered_under_new_numbers_are_caught(bundle: Any, judge: Judge) -> None:
    first, second = bundle.entry(2), bundle.entry(3)
    bundle.edit(2, **{key: second[key] for key in ("worker", "channel", "account")})
    bundle.edit(3, **{key: first[key] for key in ("worker", "channel", "account")})
    assert named(judge(bundle.folder)) == ("checkpoint", "8.txt", "root_differs")


def test_a_doubled_entry_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.lines = [*bundle.lines, bundle.lines[-1]]
    assert named(judge(bundle.folder)) == ("entry", "18", "wrong_seq")


def test_an_inner_node_shown_as_a_leaf_is_caught(bundle: Any, judge: Judge) -> None:
    lines = bundle.lines
    node = b"".join(hashlib.sha256(b"\0" + line).digest() for line in lines[:2])
    bundle.lines = [node.replace(b"\n", b"\x0b"), *lines[2:]]
    place, name, _ = named(judge(bundle.folder)) or ("", "", "")
    assert (place, name) == ("entry", "0")


# --- checkpoints ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"), [("08.txt", "unknown_file"), ("9.txt", "name_differs")]
)
def test_two_different_checkpoints_of_one_size_are_caught(
    name: str, found: str, bundle: Any, judge: Judge
) -> None:
    other = bundle.sign(8, bundle.minute_of(8) + timedelta(minutes=1), None)
    (bundle.folder / "checkpoints" / name).write_bytes(other)
    assert named(judge(bundle.folder)) == ("checkpoint", name, found)


def test_another_checkpoint_of_a_size_among_the_anchors_is_caught(
    bundle: Any, judge: Judge
) -> None:
    kept = bundle.lines
    bundle.edit(6, answer="cannot")
    (bundle.folder / "anchors" / "sheet.txt").write_bytes(
        bundle.sign(8, bundle.minute_of(8), None)
    )
    bundle.lines = kept
    assert named(judge(bundle.folder)) == ("anchor", "sheet.txt", "root_differs")


def test_checkpoint_minutes_running_backwards_are_caught(bundle: Any, judge: Judge) -> None:
    bundle.checkpoint(11, bundle.minute_of(8) - timedelta(minutes=1), 8)
    assert named(judge(bundle.folder)) == ("checkpoint", "11.txt", "clock_backwards")


def test_a_checkpoint_of_an_impossible_minute_is_caught(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    text = path.read_bytes().split(b"\n\n")[0] + b"\n"
    text = text.replace(b"minute 2026-12-01", b"minute 2026-13-01")
    path.write_bytes(signed(text, *bundle.seed_for(16)))
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "not_a_note")


@pytest.mark.parametrize("gone", [8, 11])
def test_a_checkpoint_taken_out_is_caught_by_the_next(
    gone: int, bundle: Any, judge: Judge
) -> None:
    (bundle.folder / "checkpoints" / f"{gone}.txt").unlink()
    following = {8: "11.txt", 11: "16.txt"}[gone]
    assert named(judge(bundle.folder)) == ("checkpoint", following, "prev_differs")


def test_a_checkpoint_that_names_another_before_it_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.checkpoint(16, bundle.minute_of(16), 10)
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "prev_differs")


def test_a_rollback_to_an_old_backup_is_caught_by_the_posted_root(
    bundle: Any, judge: Judge
) -> None:
    posted = bundle.anchor(11)
    for size in (11, 16):
        (bundle.folder / "checkpoints" / f"{size}.txt").unlink()
    bundle.lines = bundle.lines[:8]
    bundle.keys = bundle.keys | {"signers": bundle.keys["signers"][:1]}
    (bundle.folder / "disclosures.jsonl").unlink()
    shutil.rmtree(bundle.folder / "anchors")
    assert judge(bundle.folder)["ok"], "an old backup is whole in itself"
    assert named(judge(bundle.folder, anchor=posted)) == ("anchor", posted, "beyond")


def test_an_anchor_note_larger_than_the_ledger_is_caught(bundle: Any, judge: Judge) -> None:
    (bundle.folder / "anchors" / "poster-16.txt").write_bytes(
        (bundle.folder / "checkpoints" / "16.txt").read_bytes()
    )
    (bundle.folder / "checkpoints" / "16.txt").unlink()
    bundle.lines = bundle.lines[:12]
    assert named(judge(bundle.folder)) == ("anchor", "poster-16.txt", "beyond")


def test_a_checkpoint_with_a_broken_signature_is_caught(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    note = path.read_text("utf-8")
    at = note.rindex(" ") + 12
    path.write_text(note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :], "utf-8")
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "bad_signature")


def test_a_checkpoint_without_the_signer_is_caught(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    path.write_bytes(path.read_bytes().replace(b" xin ", b" someone "))
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "unsigned")


def test_a_checkpoint_signed_by_a_key_that_is_no_longer_in_force_is_caught(
    bundle: Any, judge: Judge
) -> None:
    bundle.seeds[10], bundle.names[10] = bundle.seeds[0], bundle.names[0]
    bundle.checkpoint(16, bundle.minute_of(16), 11)
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "unsigned")


def test_a_line_of_a_witness_is_tolerated(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    path.write_bytes(path.read_bytes() + "— witness.example YWJjZAAAAAA=\n".encode())
    assert judge(bundle.folder)["ok"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\nminute", b"\nmood good\nminute"),
        (b"\n\n", b"\n"),
        (b"\n16\n", b"\n016\n"),
        (b"\n", b"\r\n"),
        ("—".encode(), b"--"),
        (b"=\nminute", b"\nminute"),
    ],
)
def test_a_checkpoint_of_another_form_is_caught(
    before: bytes, after: bytes, bundle: Any, judge: Judge
) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    path.write_bytes(path.read_bytes().replace(before, after))
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "not_a_note")


def test_an_oversized_checkpoint_is_caught(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    path.write_bytes(path.read_bytes() + b"x" * 70_000)
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "oversized")


def test_no_checkpoint_at_all_is_reported_as_wholly_loose(bundle: Any, judge: Judge) -> None:
    without_checkpoints(bundle)
    verdict = judge(bundle.folder)
    assert (verdict["ok"], verdict["checkpoints"], verdict["loose"]) == (True, 0, 18)


def test_strict_refuses_a_bundle_without_checkpoints(bundle: Any, judge: Judge) -> None:
    without_checkpoints(bundle)
    assert named(judge(bundle.folder, strict=True)) == ("bundle", "bundle", "no_checkpoint")


def test_strict_refuses_a_loose_tail(bundle: Any, judge: Judge) -> None:
    assert named(judge(bundle.folder, strict=True)) == ("bundle", "bundle", "loose_tail")


def test_strict_accepts_a_bundle_that_is_signed_to_its_end(bundle: Any, judge: Judge) -> None:
    bundle.checkpoint(18, bundle.minute_of(16) + timedelta(hours=5), 16)
    assert judge(bundle.folder, strict=True)["loose"] == 0


def test_an_anchor_that_fits_is_accepted(bundle: Any, judge: Judge) -> None:
    assert judge(bundle.folder, anchor=bundle.anchor(11))["anchored"] == 11


# --- editions and rosters ---------------------------------------------------------------------------


def edition_named(bundle: Any, item: str) -> Path:
    for path in (bundle.folder / "editions").iterdir():
        if path.read_bytes().startswith(b"{") and json.loads(path.read_bytes())["id"] == item:
            return Path(path)
    raise AssertionError(item)


def put_edition(bundle: Any, value: dict[str, Any]) -> str:
    data = canonical(value)
    name = hashlib.sha256(data).hexdigest()
    (bundle.folder / "editions" / name).write_bytes(data)
    return name


def test_a_swapped_edition_under_the_same_name_is_caught(bundle: Any, judge: Judge) -> None:
    path = edition_named(bundle, "LSN-RECV-001")
    path.write_bytes(path.read_bytes().replace("不能签".encode(), "可以签".encode()))
    assert named(judge(bundle.folder)) == ("edition", path.name, "hash_differs")


def test_a_swapped_edition_under_the_same_id_is_caught(bundle: Any, judge: Judge) -> None:
    path = edition_named(bundle, "CASE-COOK-001")
    swapped = json.loads(path.read_bytes()) | {"text": "别的话"}
    path.unlink()
    new = put_edition(bundle, swapped)
    bundle.edit(1, edition=new)
    for seq in (16, 17):
        bundle.edit(seq, edition=new)
    assert named(judge(bundle.folder)) == ("checkpoint", "8.txt", "root_differs")


def test_an_edition_entry_whose_file_is_another_item_is_caught(bundle: Any, judge: Judge) -> None:
    new = put_edition(
        bundle, json.loads(edition_named(bundle, "CASE-COOK-001").read_bytes()) | {"tag": ""}
    )
    bundle.add(type="edition", edition=new, item="LSN-RECV-002")
    assert named(judge(bundle.folder)) == ("edition", new, "item_differs")


def test_an_answer_that_names_another_item_than_its_edition_is_caught(
    bundle: Any, judge: Judge
) -> None:
    bundle.edit(LOOSE, item="LSN-RECV-001")
    assert named(judge(bundle.folder)) == ("entry", "17", "item_differs")


def test_an_answer_to_an_edition_that_was_not_announced_is_caught(
    bundle: Any, judge: Judge
) -> None:
    bundle.edit(LOOSE, edition="00" * 32)
    assert named(judge(bundle.folder)) == ("entry", "17", "edition_unannounced")


def test_one_edition_announced_as_two_items_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.add(type="edition", edition=bundle.entry(0)["edition"], item="LSN-RECV-002")
    assert named(judge(bundle.folder)) == ("entry", "18", "item_differs")


def test_one_roster_with_two_counts_is_caught(bundle: Any, judge: Judge) -> None:
    name = bundle.entry(4)["roster"]
    bundle.add(type="campaign", occurrence=OTHER, planned=3, roster=name)
    assert named(judge(bundle.folder)) == ("entry", "18", "planned_differs")


def test_an_oversized_key_table_is_caught(bundle: Any, judge: Judge) -> None:
    (bundle.folder / "keys.json").write_bytes(b" " * (1 << 20) + b"{}")
    assert named(judge(bundle.folder)) == ("keys", "keys.json", "oversized")


def test_an_oversized_edition_is_caught(bundle: Any, judge: Judge) -> None:
    new = put_edition(bundle, {"text": "长" * 100_000})
    bundle.add(type="edition", edition=new, item="LSN-RECV-002")
    assert named(judge(bundle.folder)) == ("edition", new, "oversized")


def test_a_checkpoint_that_is_not_utf8_is_caught(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    path.write_bytes(path.read_bytes() + b"\xff\n")
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "not_utf8")


@pytest.mark.parametrize(
    "line", ["x", "— lonely", "— a+b YWJjZAAA", "— a YWJjZA==", "— a YWJjZAAB=="]
)
def test_a_signature_line_of_another_form_is_caught(line: str, bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "checkpoints" / "16.txt"
    path.write_bytes(path.read_bytes() + f"{line}\n".encode())
    assert named(judge(bundle.folder)) == ("checkpoint", "16.txt", "not_a_note")


def test_an_extra_edition_file_is_caught(bundle: Any, judge: Judge) -> None:
    name = hashlib.sha256(b"extra").hexdigest()
    (bundle.folder / "editions" / name).write_bytes(b"extra")
    assert named(judge(bundle.folder)) == ("edition", name, "unknown_file")


@pytest.mark.parametrize("item", ["LSN-RECV-001", "QZ-RECV-001"])
def test_a_missing_edition_file_is_caught(item: str, bundle: Any, judge: Judge) -> None:
    path = edition_named(bundle, item)
    path.unlink()
    assert named(judge(bundle.folder)) == ("edition", path.name, "missing")


def voice(bundle: Any) -> Path:
    lesson = json.loads(edition_named(bundle, "LSN-RECV-001").read_bytes())
    return Path(bundle.folder / "editions" / lesson["media"][0]["sha256"])


def test_a_missing_media_file_is_caught(bundle: Any, judge: Judge) -> None:
    path = voice(bundle)
    path.unlink()
    assert named(judge(bundle.folder)) == ("edition", path.name, "missing")


def test_a_changed_media_file_is_caught(bundle: Any, judge: Judge) -> None:
    path = voice(bundle)
    path.write_bytes(path.read_bytes() + b"\0")
    assert named(judge(bundle.folder)) == ("edition", path.name, "hash_differs")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "approved"}, "unknown_key"),
        ({"text": "e\u0301"}, "not_nfc"),
        ({"tag": 1}, "bad_value"),
        ({"type": "poem"}, "bad_value"),
        ({"media": [{"name": "a"}]}, "bad_value"),
        ({"quiz": ["QZ-RECV-001"]}, "bad_value"),
    ],
)
def test_an_edition_of_another_form_is_caught(
    changes: dict[str, Any], code: str, bundle: Any, judge: Judge
) -> None:
    whole = json.loads(edition_named(bundle, "CASE-COOK-001").read_bytes())
    new = put_edition(bundle, whole | changes)
    bundle.add(type="edition", edition=new, item="CASE-COOK-001")
    assert named(judge(bundle.folder)) == ("edition", new, code)


def test_an_edition_with_a_doubled_key_is_caught(bundle: Any, judge: Judge) -> None:
    data = edition_named(bundle, "CASE-COOK-001").read_bytes()[:-1] + b',"type":"case"}'
    new = hashlib.sha256(data).hexdigest()
    (bundle.folder / "editions" / new).write_bytes(data)
    bundle.add(type="edition", edition=new, item="CASE-COOK-001")
    assert named(judge(bundle.folder)) == ("edition", new, "duplicate_key")


def test_a_question_that_is_a_lesson_is_caught(bundle: Any, judge: Judge) -> None:
    case = edition_named(bundle, "CASE-COOK-001")
    new = put_edition(bundle, json.loads(case.read_bytes()) | {"quiz": [case.name]})
    bundle.add(type="edition", edition=new, item="CASE-COOK-001")
    assert named(judge(bundle.folder)) == ("edition", case.name, "not_a_quiz")


def test_a_quiz_whose_answer_is_no_option_is_caught(bundle: Any, judge: Judge) -> None:
    whole = json.loads(edition_named(bundle, "QZ-RECV-001").read_bytes())
    new = put_edition(bundle, whole | {"answer": 3})
    bundle.add(type="edition", edition=new, item="QZ-RECV-001")
    assert named(judge(bundle.folder)) == ("edition", new, "bad_value")


def roster(bundle: Any) -> Path:
    return next(Path(path) for path in (bundle.folder / "rosters").iterdir())


def test_a_worker_taken_out_of_the_roster_is_caught(bundle: Any, judge: Judge) -> None:
    path = roster(bundle)
    path.write_bytes(path.read_bytes()[65:])
    assert named(judge(bundle.folder)) == ("roster", path.name, "hash_differs")


def test_a_missing_roster_is_caught(bundle: Any, judge: Judge) -> None:
    path = roster(bundle)
    path.unlink()
    assert named(judge(bundle.folder)) == ("roster", path.name, "missing")


def test_an_extra_roster_is_caught(bundle: Any, judge: Judge) -> None:
    name = hashlib.sha256(b"").hexdigest()
    (bundle.folder / "rosters" / name).write_bytes(b"")
    assert named(judge(bundle.folder)) == ("roster", name, "unknown_file")


OTHER = "44444444-4444-4444-8444-444444444444"


def test_a_plan_for_fewer_people_than_its_roster_is_caught(bundle: Any, judge: Judge) -> None:
    data = ("ab" * 32 + "\n" + "cd" * 32 + "\n").encode()
    name = hashlib.sha256(data).hexdigest()
    (bundle.folder / "rosters" / name).write_bytes(data)
    bundle.add(type="campaign", occurrence=OTHER, planned=1, roster=name)
    assert named(judge(bundle.folder)) == ("roster", name, "planned_differs")


@pytest.mark.parametrize(
    "lines",
    [["cd" * 32, "ab" * 32], ["ab" * 32, "ab" * 32], ["AB" * 32, "CD" * 32], ["ab" * 32, ""]],
    ids=["unsorted", "doubled", "capitals", "an empty line"],
)
def test_a_roster_of_another_form_is_caught(lines: list[str], bundle: Any, judge: Judge) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    name = hashlib.sha256(data).hexdigest()
    (bundle.folder / "rosters" / name).write_bytes(data)
    bundle.add(type="campaign", occurrence=OTHER, planned=2, roster=name)
    assert named(judge(bundle.folder)) == ("roster", name, "roster_lines")


# --- who is who -------------------------------------------------------------------------------------


def test_an_account_bound_again_to_somebody_else_is_caught(bundle: Any, judge: Judge) -> None:
    taken = bundle.entry(2)
    bundle.add(type="bind", worker="00" * 32, channel="wecom", account=taken["account"])
    assert named(judge(bundle.folder)) == ("entry", "18", "account_reused")


def test_an_account_moved_to_another_channel_is_caught(bundle: Any, judge: Judge) -> None:
    taken = bundle.entry(2)
    bundle.add(type="bind", worker=taken["worker"], channel="official", account=taken["account"])
    assert named(judge(bundle.folder)) == ("entry", "18", "account_reused")


def test_a_hidden_account_behind_an_ended_binding_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.add(type="bind", worker=bundle.entry(2)["worker"], channel="none", account="00" * 32)
    assert named(judge(bundle.folder)) == ("entry", "18", "account_differs")


def test_the_same_account_bound_again_to_the_same_worker_is_accepted(
    bundle: Any, judge: Judge
) -> None:
    taken = bundle.entry(2)
    bundle.add(**{key: taken[key] for key in ("type", "worker", "channel", "account")})
    assert judge(bundle.folder)["ok"]


def test_a_second_salt_for_the_same_commitment_is_caught(bundle: Any, judge: Judge) -> None:
    rows = bundle.disclosed
    bundle.disclosed = [*rows, rows[0] | {"salt": "00" * 32}]
    assert named(judge(bundle.folder)) == ("disclosure", "4", "opened_twice")


def test_a_second_id_for_the_same_commitment_is_caught(bundle: Any, judge: Judge) -> None:
    rows = bundle.disclosed
    bundle.disclosed = [*rows, rows[0] | {"id": "99999999-0000-4000-8000-000000000000"}]
    assert named(judge(bundle.folder)) == ("disclosure", "4", "opened_twice")


def test_another_id_under_a_commitment_is_caught(bundle: Any, judge: Judge) -> None:
    rows = bundle.disclosed
    rows[0]["id"] = "99999999-0000-4000-8000-000000000000"
    bundle.disclosed = rows
    assert named(judge(bundle.folder)) == ("disclosure", "0", "commitment_differs")


def test_a_made_up_salt_that_makes_a_person_look_untold_is_caught(
    bundle: Any, judge: Judge
) -> None:
    rows = bundle.disclosed
    rows[0]["salt"] = "00" * 32
    rows[0]["worker"] = hashlib.sha256(bytes(32) + rows[0]["id"].encode()).hexdigest()
    bundle.disclosed = rows
    assert named(judge(bundle.folder)) == ("disclosure", "0", "nowhere")


@pytest.mark.parametrize(
    ("moved_salt", "moved_id"), [(31, 37), (33, 35), (0, 68)], ids=["shorter", "longer", "none"]
)
def test_a_salt_of_another_length_is_caught(
    moved_salt: int, moved_id: int, bundle: Any, judge: Judge
) -> None:
    rows = bundle.disclosed
    both = bytes.fromhex(rows[0]["salt"]) + rows[0]["id"].encode()
    assert moved_salt + moved_id == len(both)
    rows[0]["salt"] = both[:moved_salt].hex()
    rows[0]["id"] = both[moved_salt:].decode("latin-1")
    bundle.disclosed = rows
    assert named(judge(bundle.folder)) in {
        ("disclosure", "0", "bad_value"),
        ("disclosure", "0", "not_nfc"),
    }


def test_other_words_on_the_button_are_caught(bundle: Any, judge: Judge) -> None:
    rows = bundle.disclosed
    rows[2]["detail"]["wording"] = "我全部看懂了"
    bundle.disclosed = rows
    assert named(judge(bundle.folder)) == ("disclosure", "2", "commitment_differs")


def test_a_detail_opened_for_another_entry_is_caught(bundle: Any, judge: Judge) -> None:
    rows = bundle.disclosed
    rows[2]["seq"] = 7
    bundle.disclosed = rows
    assert named(judge(bundle.folder)) == ("disclosure", "2", "commitment_differs")


def test_a_detail_of_an_entry_that_has_none_is_caught(bundle: Any, judge: Judge) -> None:
    rows = bundle.disclosed
    rows[2]["seq"] = 5
    bundle.disclosed = rows
    assert named(judge(bundle.folder)) == ("disclosure", "2", "not_opened")


def test_a_detail_opened_twice_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.disclosed = [*bundle.disclosed, bundle.disclosed[2]]
    assert named(judge(bundle.folder)) == ("disclosure", "4", "opened_twice")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "e\u0301"}, "not_nfc"),
        ({"no": 7}, "bad_value"),
        ({"phone": "1"}, "unknown_key"),
        ({"salt": "AB" * 32}, "bad_value"),
    ],
)
def test_a_disclosure_of_another_form_is_caught(
    changes: dict[str, Any], code: str, bundle: Any, judge: Judge
) -> None:
    rows = bundle.disclosed
    bundle.disclosed = [rows[0] | changes, *rows[1:]]
    assert named(judge(bundle.folder)) == ("disclosure", "0", code)


@pytest.mark.parametrize(
    ("of", "worker_of"),
    [(6, 7), (14, 7), (5, 5), (16, 16), (18, 17), (400, 17), (0, 17)],
    ids=["another's ack", "a third's ack", "a show", "own show", "itself", "the future", "an edition"],
)  # fmt: skip
def test_a_correction_of_somebody_elses_or_another_kind_of_entry_is_caught(
    of: int, worker_of: int, bundle: Any, judge: Judge
) -> None:
    worker = bundle.entry(worker_of)["worker"]
    bundle.add(type="correct", of=of, worker=worker, by="00" * 32, detail="00" * 32)
    assert named(judge(bundle.folder)) == ("entry", "18", "correct_target")


@pytest.mark.parametrize("of", [2, 6])
def test_a_correction_of_an_own_ack_or_bind_is_accepted(
    of: int, bundle: Any, judge: Judge
) -> None:
    worker = bundle.entry(of)["worker"]
    bundle.add(type="correct", of=of, worker=worker, by="00" * 32, detail="00" * 32)
    assert judge(bundle.folder)["ok"]


def test_an_erasure_without_its_approver_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.add(type="erase", worker="00" * 32)
    assert named(judge(bundle.folder)) == ("entry", "18", "missing_key")


def test_hiding_an_erased_worker_from_the_counts_is_caught(bundle: Any, judge: Judge) -> None:
    path = roster(bundle)
    rest = path.read_bytes().replace(bundle.entry(15)["worker"].encode() + b"\n", b"")
    path.unlink()
    name = hashlib.sha256(rest).hexdigest()
    (bundle.folder / "rosters" / name).write_bytes(rest)
    bundle.edit(4, planned=3, roster=name)
    assert named(judge(bundle.folder)) == ("checkpoint", "8.txt", "root_differs")


def test_a_salt_said_to_be_destroyed_and_still_shown_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.add(type="erase", worker=bundle.entry(6)["worker"], by="00" * 32)
    assert named(judge(bundle.folder)) == ("disclosure", "0", "erased")


@pytest.mark.parametrize(
    "changes",
    [{"by": "00" * 32}, {"on": "2026-12-01"}, {"method": "assisted"}, {"method": "paper", "by": "00" * 32}],
)  # fmt: skip
def test_by_and_on_beside_the_wrong_method_are_caught(
    changes: dict[str, Any], bundle: Any, judge: Judge
) -> None:
    bundle.edit(LOOSE, **changes)
    assert named(judge(bundle.folder)) == ("entry", "17", "witness_keys")


# --- ambiguous and foreign bytes, in the loose tail where no checkpoint helps -------------------------


def replaced(bundle: Any, before: bytes, after: bytes) -> None:
    lines = bundle.lines
    assert before in lines[LOOSE]
    lines[LOOSE] = lines[LOOSE].replace(before, after, 1)
    bundle.lines = lines


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        pytest.param(b'"v":1', b'"v":1,"v":1', "duplicate_key", id="duplicate key"),
        pytest.param(b'"seq":17', b'"seq":17.0', "not_integer", id="float"),
        pytest.param(b'"seq":17', b'"seq":17e0', "not_integer", id="exponent"),
        pytest.param(b'"seq":17', b'"seq":NaN', "not_integer", id="NaN"),
        pytest.param(b'"seq":17', b'"seq":017', "not_json", id="leading zero"),
        pytest.param(b'"seq":17', b'"seq":-0', "not_canonical", id="minus zero"),
        pytest.param(b'"seq":17', b'"seq":"17"', "bad_value", id="a number as text"),
        pytest.param(b'"v":1', b'"v":true', "bad_value", id="true for one"),
        pytest.param(b'"v":1', b'"v":null', "bad_value", id="null"),
        pytest.param(b'"v":1', b'"v":2', "bad_value", id="another version"),
        pytest.param(b'"reply"', '"e\u0301"'.encode(), "not_nfc", id="NFD"),
        pytest.param(b'"reply"', b'"repl\\u0079"', "not_canonical", id="needless escape"),
        pytest.param(b'"reply"', b'"\\ud800"', "not_canonical", id="half a surrogate"),
        pytest.param(b'"reply"', b'"\xff"', "not_utf8", id="not UTF-8"),
        pytest.param(b'"reply"', b'"re\tply"', "not_json", id="raw control character"),
        pytest.param(b",", b", ", "not_canonical", id="a space"),
        pytest.param(b"{", b" {", "not_canonical", id="a leading space"),
        pytest.param(b"{", b"\xef\xbb\xbf{", "not_json", id="byte order mark"),
        pytest.param(b"}", b"} ", "not_canonical", id="trailing space"),
        pytest.param(b"}", b"}{}", "not_json", id="trailing value"),
        pytest.param(b"}", b"}\0", "not_json", id="trailing zero byte"),
        pytest.param(b"}", b"}\r", "crlf", id="CRLF"),
        pytest.param(b"}", b',"z":1}', "unknown_key", id="an unknown key"),
        pytest.param(b'"type":"ack"', b'"type":"nod"', "unknown_type", id="an unknown type"),
        pytest.param(b'"type":"ack"', b'"type":["ack"]', "unknown_type", id="a list as type"),
        pytest.param(b"}", b"[" * 3000, "not_json", id="deep nesting"),
        pytest.param(b"}", b" " * 5000 + b"}", "oversized", id="an oversized line"),
    ],
)
def test_an_ambiguous_or_unknown_entry_is_caught(
    before: bytes, after: bytes, code: str, bundle: Any, judge: Judge
) -> None:
    replaced(bundle, before, after)
    assert named(judge(bundle.folder)) == ("entry", "17", code)


def test_entries_out_of_key_order_are_caught(bundle: Any, judge: Judge) -> None:
    value = bundle.entry(LOOSE)
    lines = bundle.lines
    lines[LOOSE] = json.dumps(dict(reversed(value.items())), separators=(",", ":")).encode()
    bundle.lines = lines
    assert named(judge(bundle.folder)) == ("entry", "17", "not_canonical")


@pytest.mark.parametrize("line", [b"", b"[]", b"17", b'"ack"'])
def test_a_line_that_is_no_object_is_caught(line: bytes, bundle: Any, judge: Judge) -> None:
    bundle.lines = [*bundle.lines, line]
    place, name, code = named(judge(bundle.folder)) or ("", "", "")
    assert (place, name) == ("entry", "18") and code in {"not_object", "not_json"}


def test_a_last_line_without_its_newline_is_caught(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "entries.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    assert named(judge(bundle.folder)) == ("entry", "17", "cut_off")


@pytest.mark.parametrize(
    "minute",
    [
        "2026-02-29T06:07Z",
        "2027-02-30T06:07Z",
        "2027-13-01T06:07Z",
        "2027-00-01T06:07Z",
        "2027-01-00T06:07Z",
        "0000-01-01T06:07Z",
        "2027-01-01T24:00Z",
        "2027-01-01T06:60Z",
        "2027-01-01T06:07:30Z",
        "2027-01-01T06:07",
        "2027-01-01 06:07Z",
        "2027-01-01T06:07+08:00",
    ],
)
def test_an_impossible_minute_is_caught(minute: str, bundle: Any, judge: Judge) -> None:
    bundle.edit(LOOSE, minute=minute)
    assert named(judge(bundle.folder)) == ("entry", "17", "bad_value")


def test_an_entry_of_another_log_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.edit(LOOSE, log="lianbot/ffffffffffffffff")
    assert named(judge(bundle.folder)) == ("entry", "17", "other_log")


@pytest.mark.parametrize("place", ["checkpoints", "anchors"])
def test_a_checkpoint_of_another_log_is_caught(place: str, bundle: Any, judge: Judge) -> None:
    own = bundle.keys
    bundle.keys = own | {"origin": "lianbot/ffffffffffffffff"}
    name = "16.txt"
    note = bundle.sign(16, bundle.minute_of(16), 11)
    bundle.keys = own
    (bundle.folder / place / name).write_bytes(note)
    assert named(judge(bundle.folder)) == (place[:-1], name, "other_log")


# --- keys -------------------------------------------------------------------------------------------


def public(number: int) -> str:
    return write_base64(keys.public_key(bytes([number]) * 32))


def test_a_replaced_key_is_caught(bundle: Any, judge: Judge) -> None:
    value = bundle.keys
    value["signers"][1]["pub"] = public(99)
    bundle.keys = value
    bundle.seeds[10] = bytes([99]) * 32
    for size, before in ((11, 8), (16, 11)):
        bundle.checkpoint(size, bundle.minute_of(size), before)
    assert named(judge(bundle.folder)) == ("entry", "10", "key_unlisted")


def test_a_key_added_without_a_key_entry_is_caught(bundle: Any, judge: Judge) -> None:
    value = bundle.keys
    value["signers"].append({"from_seq": 12, "name": "thief", "pub": public(99)})
    bundle.keys = value
    bundle.seeds[12], bundle.names[12] = bytes([99]) * 32, "thief"
    bundle.checkpoint(16, bundle.minute_of(16), 11)
    assert named(judge(bundle.folder)) == ("keys", "keys.json", "signer_unannounced")


def test_a_key_entry_that_the_old_key_did_not_sign_is_caught(bundle: Any, judge: Judge) -> None:
    value = bundle.keys
    value["signers"].append({"from_seq": 18, "name": "thief", "pub": public(99)})
    bundle.keys = value
    message = keys.key_message(keys.public_key(bytes([99]) * 32), 18)
    for number in (99, 5):  # by itself, and by a key that is no longer in force
        sig = write_base64(keys.sign(bytes([number]) * 32, message))
        seq = bundle.add(type="key", pub=public(99), sig=sig)
        assert named(judge(bundle.folder)) == ("entry", "18", "key_signature")
        bundle.lines = bundle.lines[:seq]


def test_a_key_entry_taken_from_another_place_is_caught(bundle: Any, judge: Judge) -> None:
    value = bundle.keys
    value["signers"].append({"from_seq": 18, "name": "thief", "pub": public(99)})
    bundle.keys = value
    message = keys.key_message(keys.public_key(bytes([99]) * 32), 17)
    sig = write_base64(keys.sign(bytes([6]) * 32, message))
    bundle.add(type="key", pub=public(99), sig=sig)
    assert named(judge(bundle.folder)) == ("entry", "18", "key_signature")


def test_a_key_entry_that_keys_json_does_not_list_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.add(type="key", pub=public(99), sig="A" * 86 + "==")
    assert named(judge(bundle.folder)) == ("entry", "18", "key_unlisted")


def test_a_first_key_replaced_throughout_is_caught_by_the_poster(
    bundle: Any, judge: Judge
) -> None:
    value = bundle.keys
    pub = keys.public_key(bytes([99]) * 32)
    value["signers"][0]["pub"], value["fingerprint"] = public(99), keys.fingerprint(pub)
    bundle.keys = value
    bundle.seeds[0] = bytes([99]) * 32
    for size, before in ((8, None), (11, 8), (16, 11)):
        bundle.checkpoint(size, bundle.minute_of(size), before)
    assert named(judge(bundle.folder)) == ("anchor", "poster-8.txt", "unsigned")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("fingerprint",), "0" * 20, "fingerprint_differs"),
        (("fingerprint",), "0" * 19, "bad_value"),
        (("origin",), "other/0011223344556677", "bad_value"),
        (("signers", 0, "from_seq"), 1, "signer_order"),
        (("signers", 1, "from_seq"), 0, "signer_order"),
        (("signers",), [], "signer_order"),
        (("signers", 0, "name"), "two words", "bad_value"),
        (("signers", 0, "pub"), "A" * 44, "bad_value"),
        (("officers", 0, "id"), "00000000", "officer_differs"),
        (("owner",), "me", "unknown_key"),
    ],
)
def test_a_key_table_of_another_form_is_caught(
    path: tuple[Any, ...], value: object, code: str, bundle: Any, judge: Judge
) -> None:
    whole = bundle.keys
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    bundle.keys = whole
    assert named(judge(bundle.folder)) == ("keys", "keys.json", code)


def test_an_officer_listed_twice_is_caught(bundle: Any, judge: Judge) -> None:
    value = bundle.keys
    value["officers"] *= 2
    bundle.keys = value
    assert named(judge(bundle.folder)) == ("keys", "keys.json", "officer_differs")


def test_a_key_table_with_a_newline_at_its_end_is_caught(bundle: Any, judge: Judge) -> None:
    path = bundle.folder / "keys.json"
    path.write_bytes(path.read_bytes() + b"\n")
    assert named(judge(bundle.folder)) == ("keys", "keys.json", "not_canonical")


def test_an_attestation_by_an_unknown_officer_is_caught(bundle: Any, judge: Judge) -> None:
    bundle.add(type="attest", week="2026-W49", officer="00000000", sig="A" * 86 + "==")
    assert named(judge(bundle.folder)) == ("entry", "18", "officer_unknown")


def test_an_attestation_moved_to_another_week_is_caught(bundle: Any, judge: Judge) -> None:
    old = bundle.entry(9)
    bundle.add(type="attest", week="2026-W49", officer=old["officer"], sig=old["sig"])
    assert named(judge(bundle.folder)) == ("entry", "18", "attest_signature")


# --- the folder -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["entries.jsonl", "keys.json"])
def test_a_missing_file_is_caught(name: str, bundle: Any, judge: Judge) -> None:
    (bundle.folder / name).unlink()
    assert named(judge(bundle.folder)) == ("bundle", name, "missing")


@pytest.mark.parametrize("name", ["json.py", "entries.jsonl.bak", ".hidden"])
def test_an_unknown_file_is_caught(name: str, bundle: Any, judge: Judge) -> None:
    (bundle.folder / name).write_bytes(b"")
    assert named(judge(bundle.folder)) == ("bundle", name, "unknown_file")


@pytest.mark.parametrize("place", ["checkpoints", "editions", "rosters"])
def test_a_file_of_a_foreign_name_is_caught(place: str, bundle: Any, judge: Judge) -> None:
    (bundle.folder / place / "note.md").write_bytes(b"")
    assert named(judge(bundle.folder)) == (place[:-1], "note.md", "unknown_file")


def without_checkpoints(bundle: Any) -> None:
    shutil.rmtree(bundle.folder / "checkpoints")
    shutil.rmtree(bundle.folder / "anchors")


def signed(text: bytes, name: str, seed: bytes) -> bytes:
    """A note over any text, as a signer who wants to cheat could make it."""
    from_key = keys.public_key(seed)
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + from_key).digest()[:4]
    line = write_base64(key_id + keys.sign(seed, text))
    return text + f"\n— {name} {line}\n".encode()
