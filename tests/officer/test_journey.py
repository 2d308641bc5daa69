"""From the reporter's words to the officers' cases and back, without a browser."""

import base64
import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest

from lianbot.officer.casework import CARE, State, advance, answer
from lianbot.officer.opening import SealedFileError
from lianbot.officer.weekly import make_pack
from lianbot.sealing import bulletin, packs
from lianbot.sealing.envelope import seal


def reply_by_pack(house: Any, number: int, text: str) -> None:
    """The officer answers the first case; the pack goes to the shelf; the door flushes."""
    desk = house.desk(number)
    book = desk.book()
    book = book.with_case(answer(book.cases[0], text))
    book, raw = make_pack(book, desk.keys, house.recipients, house.today)
    desk.keep(book, "pack")
    (house.folder / "in" / f"{desk.keys.office}.pack").write_text(raw)
    house.door().flush()


def test_both_offices_open_the_same_case(house: Any) -> None:
    house.reporter().file("食堂有人收回扣", category="gift", place="食堂")
    house.door().flush()
    found = [house.desk(n).open(house.sealed, house.recipients) for n in (0, 1)]
    assert found[0].new == found[1].new
    assert found[0].book.cases[0].letters[0].text == "食堂有人收回扣"


def test_an_office_that_was_left_out_opens_nothing(house: Any) -> None:
    house.reporter().file("关于后勤纪检的事", leave_out=frozenset({"hq"}))
    house.door().flush()
    assert house.desk(0).open(house.sealed, house.recipients).new == ()
    assert len(house.desk(1).open(house.sealed, house.recipients).new) == 1


def test_items_about_the_leadership_reach_the_superior_alone(house: Any) -> None:
    house.reporter().file("领导的亲戚承包", category="leader")
    house.door().flush()
    assert house.desk(0).open(house.sealed, house.recipients).new == ()
    assert len(house.desk(1).open(house.sealed, house.recipients).new) == 1


def test_opening_twice_files_nothing_twice(house: Any) -> None:
    house.reporter().file("一次")
    house.door().flush()
    house.desk().open(house.sealed, house.recipients)
    again = house.desk().open(house.sealed, house.recipients)
    assert (again.new, again.grown, len(again.book.cases)) == ((), (), 1)


def test_an_answer_reaches_the_reporter_and_the_bulletin_calls(house: Any) -> None:
    reporter = house.reporter()
    reporter.file("食堂有人收回扣")
    house.door().flush()
    house.desk().open(house.sealed, house.recipients)
    board = bulletin.read_bulletin(house.door().bulletin())
    assert not reporter.is_called(board)
    reply_by_pack(house, 0, "已经在查，谢谢")
    replies = house.reporter(reporter.receipt).replies()
    assert [(one["state"], one["text"]) for one in replies] == [("received", "已经在查，谢谢")]
    assert reporter.is_called(bulletin.read_bulletin(house.door().bulletin()))


def test_answers_of_two_offices_do_not_hide_each_other(house: Any) -> None:
    reporter = house.reporter()
    reporter.file("两家都回")
    house.door().flush()
    for number in (0, 1):
        house.desk(number).open(house.sealed, house.recipients)
        reply_by_pack(house, number, f"第{number}家")
    assert {one["text"] for one in reporter.replies()} == {"第0家", "第1家"}


def test_the_tenth_answer_of_one_office_is_still_found(house: Any) -> None:
    reporter = house.reporter()
    reporter.file("很多回音")
    house.door().flush()
    house.desk().open(house.sealed, house.recipients)
    desk = house.desk()
    for number in range(10):
        book = desk.book()
        book = book.with_case(answer(book.cases[0], f"第{number}次"))
        book, raw = make_pack(book, desk.keys, house.recipients, house.today, again=True)
        desk.keep(book, "pack")
        (house.folder / "in" / "hq.pack").write_text(raw)
        house.door().flush()
    assert len(reporter.replies()) == 10


def test_a_follow_up_lands_in_the_same_case(house: Any) -> None:
    reporter = house.reporter()
    reporter.file("第一句")
    house.door().flush()
    house.desk().open(house.sealed, house.recipients)
    reporter.file("补一句", kind="more")
    house.door().flush()
    harvest = house.desk().open(house.sealed, house.recipients)
    assert [letter.text for letter in harvest.book.cases[0].letters] == ["第一句", "补一句"]
    assert harvest.grown == (harvest.book.cases[0].id,)


def test_photos_are_opened_by_the_tag_that_the_letter_names(house: Any, jpeg: bytes) -> None:
    house.reporter().file("有照片", photos=[jpeg])
    house.door().flush()
    desk = house.desk()
    case = desk.open(house.sealed, house.recipients).book.cases[0]
    photos = desk.photos(list((house.folder / "out").glob("media-*.bin")), house.recipients)
    assert photos[case.letters[0].photos[0]] == jpeg


def test_a_cut_file_is_refused_with_the_mend(house: Any) -> None:
    house.reporter().file("x")
    house.door().flush()
    house.sealed.write_bytes(house.sealed.read_bytes()[:-1])
    with pytest.raises(SealedFileError, match="重新取"):
        house.desk().open(house.sealed, house.recipients)


def test_a_file_that_does_not_fit_its_intake_list_claims_nothing(house: Any) -> None:
    house.reporter().file("x")
    house.door().flush()
    whole = house.sealed.read_bytes()
    house.sealed.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SealedFileError, match="对不上"):
        house.desk().open(house.sealed, house.recipients)
    (house.sealed.parent / "intake.json").write_text("{")
    with pytest.raises(SealedFileError, match="读不懂"):
        house.desk().open(house.sealed, house.recipients)
    (house.sealed.parent / "intake.json").unlink()
    house.sealed.write_bytes(whole)
    harvest = house.desk().open(house.sealed, house.recipients)
    assert len(harvest.new) == 1
    assert harvest.book.fetched == packs.NOTHING_FETCHED


def test_the_wrong_list_or_an_old_key_file_opens_nothing_and_loses_nothing(house: Any) -> None:
    house.reporter().file("x")
    house.door().flush()
    stranger = house.desk()
    stranger.keys = dataclasses.replace(stranger.keys, sign_seed=bytes(32))
    old = house.desk()
    old.keys = dataclasses.replace(old.keys, epochs={27: bytes(32)})
    for desk, why in ((stranger, "没有这把钥匙"), (old, "2026Q4")):
        with pytest.raises(SealedFileError, match=why):
            desk.open(house.sealed, house.recipients)
    assert len(house.desk().open(house.sealed, house.recipients).new) == 1


ZEROS = base64.b64encode(bytes(32)).decode()
BASE = base64.b64encode(b"\x09" + bytes(31)).decode()


def strange(**fields: object) -> bytes:
    good = {"v": 1, "t": "concern", "i": 0, "text": "x", "ko": ZEROS, "kb": ZEROS, "rpk": BASE}
    return json.dumps({**good, "day": "2026-11-30", **fields}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"t":"reply"}',
        b'{"t":"concern","i":-1,"day":"x","photos":7,"text":[]}',
        b"\xff",
        b"[" * 16_000,
        strange(t=[]),
        strange(t={}),
        strange(i=True),
        strange(day=["2026-11-30"]),
        strange(day="20261130"),
        strange(text="\ud800", place="\udc00", photos=["\ud800", ["\ud800"], {}]),
        strange(ko="\ud800"),
        strange(ko="!"),
        strange(ko=base64.b64encode(bytes(100)).decode()),
        strange(rpk=ZEROS),
        strange(rpk="AAAA"),
        strange(kb="é"),
    ],
)
def test_a_strangers_letter_stops_neither_the_opening_nor_the_next_pack(
    house: Any, body: bytes
) -> None:
    key = house.keys[0].opening[0].public
    sealed = seal(body, tag=bytes(16), epoch=28, site_salt=house.recipients.salt, readers=[key])
    path = house.folder / "strange.bin"
    path.write_bytes(sealed)
    book = house.desk().open(path, house.recipients).book
    assert len(book.cases) <= 1
    for case in book.cases:
        acked = advance(case, State.ACKED, day=house.today, by="hq")
        book = book.with_case(answer(acked, "收到了"))
    _, raw = make_pack(book, house.keys[0], house.recipients, house.today)
    assert len(raw) > 16_000


def test_a_pack_is_the_same_all_week_and_always_full(house: Any) -> None:
    desk = house.desk()
    book, raw = make_pack(desk.book(), desk.keys, house.recipients, house.today)
    _, again = make_pack(book, desk.keys, house.recipients, house.today)
    pack = packs.read_pack(raw, {"hq": desk.keys.public.sign})
    assert raw == again
    assert (len(pack.codes), len(pack.replies)) == (12, 8)


def test_a_pack_with_answers_has_the_size_of_an_empty_one(house: Any) -> None:
    house.reporter().file("x")
    house.door().flush()
    desk = house.desk()
    empty = make_pack(desk.book(), desk.keys, house.recipients, house.today)[1]
    book = desk.open(house.sealed, house.recipients).book
    for number in range(9):
        book = book.with_case(answer(book.cases[0], f"回音{number}"))
    book, full = make_pack(book, desk.keys, house.recipients, house.today)
    assert len(full) == len(empty)
    assert sum(not reply.week for reply in book.cases[0].replies) == 1


def test_a_month_later_the_reporter_finds_the_question_about_retaliation(house: Any) -> None:
    reporter = house.reporter()
    reporter.file("食堂有人收回扣")
    house.door().flush()
    house.desk().open(house.sealed, house.recipients)
    desk = house.desk()
    book = desk.book()
    one = advance(book.cases[0], State.INVESTIGATING, day=house.today, by="hq")
    desk.keep(book.with_case(one), "state")
    house.now += timedelta(days=31)
    reply_by_pack(house, 0, "还在查")
    assert [one["text"] for one in reporter.replies()] == ["还在查", CARE[30]]


def test_the_attestation_verifies_for_the_ledger(house: Any) -> None:
    from nacl.signing import VerifyKey

    house.reporter().file("x")
    house.door().flush()
    desk = house.desk()
    desk.open(house.sealed, house.recipients)
    _, raw = make_pack(desk.book(), desk.keys, house.recipients, house.today)
    (house.folder / "in" / "hq.pack").write_text(raw)
    house.door().flush()
    said = json.loads((house.folder / "out" / "attest.json").read_text())["attest"][0]
    message = (
        b"lianbot attest\x00" + house.recipients.log.encode() + b"\x00" + said["week"].encode()
    )
    import base64

    VerifyKey(desk.keys.public.sign).verify(message, base64.b64decode(said["sig"]))
    assert (said["officer"], said["week"]) == (desk.keys.public.officer, "2026-W48")


def test_an_objection_reopens_a_closed_case_once(house: Any) -> None:
    reporter = house.reporter()
    reporter.file("不服")
    house.door().flush()
    desk = house.desk()
    book = desk.open(house.sealed, house.recipients).book
    case = book.cases[0]
    for state in (State.ACCEPTED, State.FEEDBACK):
        case = advance(case, state, day=house.today, by="hq")
    case = advance(case, State.CLOSED, day=house.today, by="hq", second="jw")
    desk.keep(book.with_case(case), "closed")
    for text in ("我不同意", "还是不同意"):
        reporter.file(text, kind="object")
    house.door().flush()
    case = desk.open(house.sealed, house.recipients).book.cases[0]
    assert case.state is State.REOPENED
    assert [step.state for step in case.steps].count("reopened") == 1
