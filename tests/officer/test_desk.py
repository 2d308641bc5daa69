"""Keys, book, casework, papers and proposals of the officer's tool."""

import dataclasses
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lianbot.officer import archive, book, casework, keyfile, mending, passphrases, weekly
from lianbot.officer.casework import Case, Letter, State
from lianbot.officer.papers import Sheet, hand_on_sheet, poster
from lianbot.printing.fonts import FontMissingError

WORDS = "kabo tilu semi pano ruka dezi"
DAY = date(2026, 12, 1)


def sample(**more: Any) -> Case:
    letter = Letter(number=0, kind="concern", day="2026-12-01", text="班长每次收货都少记两箱土豆")
    return dataclasses.replace(
        Case(
            id="0badcafe",
            opened="2026-12-02",
            category="buying",
            place="库房",
            knowing="few",
            state=State.RECEIVED,
            rpk="",
            ko="",
            kb="",
            letters=(letter,),
        ),
        **more,
    )


@pytest.fixture(scope="module")
def locked() -> tuple[keyfile.OfficerKeys, str]:
    keys = keyfile.new_keys("hq", "后勤纪检委员", 28)
    return keys, keyfile.write_keyfile(keys, WORDS)


def test_a_key_file_opens_with_its_passphrase_however_it_is_typed(
    locked: tuple[keyfile.OfficerKeys, str],
) -> None:
    keys, raw = locked
    assert keyfile.read_keyfile(raw, "  KABO tilu　semi\npano ruka dezi ") == keys


def test_a_wrong_passphrase_is_told_apart_from_a_broken_file(
    locked: tuple[keyfile.OfficerKeys, str],
) -> None:
    _, raw = locked
    with pytest.raises(passphrases.PassphraseError):
        keyfile.read_keyfile(raw, WORDS + " mo")
    with pytest.raises(keyfile.KeyFileError):
        keyfile.read_keyfile("{}", WORDS)


def test_a_key_file_shows_no_secret(locked: tuple[keyfile.OfficerKeys, str]) -> None:
    keys, raw = locked
    assert keys.sign_seed.hex() not in raw
    assert "sign_seed" not in repr(keys)


def test_a_made_passphrase_has_six_different_looking_words() -> None:
    made = {passphrases.new_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert {len(one.split()) for one in made} == {6}


def test_five_words_are_too_few() -> None:
    with pytest.raises(passphrases.PassphraseError, match="6"):
        passphrases.tidy("kabo tilu semi pano ruka")


def test_a_new_quarter_never_replaces_an_old_key() -> None:
    keys = keyfile.new_keys("hq", "x", 28)
    assert keys.with_epoch(28) == keys
    assert set(keys.with_epoch(29).epochs) == {28, 29}
    assert set(keys.with_epoch(29).without_epoch(28).epochs) == {29}


def test_a_book_reads_back_and_opens_for_no_other_key() -> None:
    kept = book.Book(seen=frozenset({"aa"})).with_case(casework.answer(sample(), "好"))
    kept = kept.noted(DAY, "hq", "open")
    raw = book.write_book(kept, bytes(32))
    assert book.read_book(raw, bytes(32)) == kept
    with pytest.raises(book.BookError):
        book.read_book(raw, b"1" * 32)


def test_a_line_taken_out_of_the_record_is_noticed() -> None:
    kept = book.Book()
    for act in ("open", "reply", "pack"):
        kept = kept.noted(DAY, "hq", act)
    cut = dataclasses.replace(kept, audit=kept.audit[:1] + kept.audit[2:])
    assert kept.unbroken()
    assert not cut.unbroken()
    with pytest.raises(book.BookError, match="断了链"):
        book.read_book(book.write_book(cut, bytes(32)), bytes(32))


@pytest.mark.parametrize("second", ["", "hq"])
def test_closing_needs_another_person(second: str) -> None:
    case = sample(state=State.FEEDBACK)
    with pytest.raises(casework.CaseworkError, match="另一个人"):
        casework.advance(case, State.CLOSED, day=DAY, by="hq", second=second)


def test_a_step_that_skips_the_work_is_refused_with_the_steps_that_go() -> None:
    with pytest.raises(casework.CaseworkError, match="受理"):
        casework.advance(sample(), State.CLOSED, day=DAY, by="hq", second="jw")


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_name_a_way_on_and_a_word_for_the_reporter(state: State) -> None:
    assert casework.NAMES[state]
    assert casework.NEXT[state]
    assert casework.SHOWN[state] in {"received", "passed", "result", "done"}


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [(date(2026, 12, 1), 3, date(2026, 12, 4)), (date(2026, 12, 4), 3, date(2026, 12, 9))],
)
def test_workdays_leave_out_the_weekend(day: date, count: int, due: date) -> None:
    assert casework.add_workdays(day, count) == due


def test_a_fresh_case_is_due_in_three_and_five_working_days() -> None:
    due = casework.deadlines(sample(), date(2026, 12, 7))
    assert [(one.due, one.late) for one in due] == [
        (date(2026, 12, 4), True),
        (date(2026, 12, 8), False),
    ]


def test_after_the_first_answer_progress_is_due_every_thirty_days() -> None:
    case = casework.advance(sample(), State.INVESTIGATING, day=date(2026, 12, 3), by="hq")
    assert [one.due for one in casework.deadlines(case, DAY)] == [
        date(2027, 1, 2),
        date(2027, 3, 3),
    ]


def answered(week: str, state: State = State.FEEDBACK, **more: Any) -> Case:
    """A case whose result was written on 12-03 and carried by the pack of `week`."""
    case = casework.advance(
        sample(ko="k", rpk="r"), State.INVESTIGATING, day=date(2026, 12, 3), by="hq"
    )
    reply = casework.Reply(number=0, shown="result", text="结果", week=week)
    return dataclasses.replace(case, state=state, replies=(reply,), **more)


def test_an_accepted_case_is_no_longer_due_to_be_accepted() -> None:
    case = casework.advance(sample(), State.ACCEPTED, day=date(2026, 12, 3), by="hq")
    assert not any("五个" in one.what for one in casework.deadlines(case, DAY))


def test_a_note_in_the_book_is_no_word_to_the_reporter() -> None:
    case = answered("2026W49", State.INVESTIGATING)
    later = casework.advance(case, State.REFERRED, day=date(2026, 12, 28), by="hq")
    interim = next(one for one in casework.deadlines(later, DAY) if "三十天" in one.what)
    # thirty days after the Sunday of the week whose pack carried the last answer
    assert interim.due == date(2027, 1, 5)


def test_while_an_answer_waits_for_the_pack_no_interim_is_due() -> None:
    what = [one.what for one in casework.deadlines(answered("", State.INVESTIGATING), DAY)]
    assert what == ["三个工作日内回执", "三个月内反馈结果"]


@pytest.mark.parametrize(
    "state", [State.ACKED, State.ACCEPTED, State.INVESTIGATING, State.REFERRED]
)
def test_a_step_without_a_word_to_the_reporter_is_no_receipt(state: State) -> None:
    def due(case: Case) -> list[tuple[str, bool]]:
        return [(one.what, one.late) for one in casework.deadlines(case, date(2026, 12, 5))]

    silent = casework.advance(sample(ko="k", rpk="r"), state, day=date(2026, 12, 2), by="hq")
    assert ("三个工作日内回执", True) in due(silent)
    waiting = casework.answer(silent, "收到了，在办")
    assert ("三个工作日内回执", True) in due(waiting)
    cared = casework.Reply(number=0, shown="received", text=casework.CARE[30], week="2026W49")
    assert ("三个工作日内回执", True) in due(dataclasses.replace(silent, replies=(cared,)))
    carried = dataclasses.replace(waiting.replies[0], week="2026W49")
    told = dataclasses.replace(waiting, replies=(carried,))
    assert "三个工作日内回执" not in dict(due(told))


def test_who_left_no_key_can_be_told_nothing_and_the_step_counts() -> None:
    case = casework.advance(sample(ko="k"), State.ACCEPTED, day=date(2026, 12, 2), by="hq")
    assert not any("回执" in one.what for one in casework.deadlines(case, DAY))


@pytest.mark.parametrize(
    ("day", "state"),
    [("2027-01-05", State.REOPENED), ("2027-01-06", State.FEEDBACK)],
)
def test_an_objection_counts_for_thirty_days_after_the_result_could_be_read(
    day: str, state: State
) -> None:
    letter = Letter(number=1, kind="object", day=day, text="不服")
    grown = casework.receive(answered("2026W49"), letter, date.fromisoformat(day))
    assert grown.state is state
    assert grown.letters[-1] == letter
    assert grown.objected is (state is State.REOPENED)


def test_before_the_result_was_carried_no_objection_is_too_late() -> None:
    assert casework.objection_until(answered("")) is None


def test_day_30_and_day_90_ask_about_retaliation_once_each_and_only_the_latest() -> None:
    case = answered("2026W49", State.CLOSED)
    days = [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 9), date(2027, 3, 1)]
    found = []
    for day in days:
        case = casework.care(case, day)
        found.append(sum(reply.text in casework.CARE.values() for reply in case.replies))
    assert found == [0, 1, 1, 2]
    late = casework.care(answered("2026W49"), date(2027, 3, 5))
    assert [reply.text for reply in late.replies][1:] == [casework.CARE[90]]
    gone = casework.care(answered("2026W49"), date(2027, 7, 1))
    assert len(gone.replies) == 1


def test_nobody_is_asked_who_has_not_been_answered_or_cannot_be() -> None:
    day = date(2027, 1, 5)
    assert casework.care(sample(ko="k", rpk="r"), day).replies == ()
    without = dataclasses.replace(answered("2026W49"), ko="")
    assert len(casework.care(without, day).replies) == 1


def test_a_closed_case_is_due_nothing() -> None:
    assert casework.deadlines(sample(state=State.CLOSED), DAY) == []


@pytest.mark.parametrize(
    ("count", "told"), [(0, "不到 5"), (4, "不到 5"), (5, "约 5"), (8, "约 10")]
)
def test_small_numbers_are_not_told(count: int, told: str) -> None:
    assert weekly.coarse(count) == told


def test_a_reply_that_fits_no_envelope_is_refused_before_it_stops_every_pack() -> None:
    with pytest.raises(casework.CaseworkError, match="最多 4000 字"):
        casework.answer(sample(), "长" * 4001)


def test_a_lone_young_case_makes_no_proposal() -> None:
    kept = book.Book().with_case(sample())
    with pytest.raises(mending.FloorError, match="3 件"):
        mending.propose(kept, sample(), "rectify", "收货双人复核", DAY)


def test_three_alike_or_sixty_days_make_a_proposal() -> None:
    kept = book.Book()
    for number in range(3):
        kept = kept.with_case(sample(id=f"{number:08x}"))
    assert mending.propose(kept, sample(), "rectify", "收货双人复核", DAY).floor == "alike"
    alone = book.Book().with_case(sample())
    made = mending.propose(alone, sample(), "lesson", "怎样收货", date(2027, 1, 31))
    assert made.record() == {
        "v": 1,
        "kind": "lesson",
        "text": "怎样收货",
        "unit": "",
        "floor": "old",
    }


def test_a_day_that_the_reporters_page_wrote_opens_no_floor() -> None:
    old = dataclasses.replace(sample().letters[0], day="2026-01-01")
    case = sample(letters=(old,))
    with pytest.raises(mending.FloorError, match="打开才过 59 天"):
        mending.propose(book.Book().with_case(case), case, "lesson", "怎样收货", date(2027, 1, 30))


def test_the_reporters_own_words_are_refused() -> None:
    kept = book.Book().with_case(sample())
    with pytest.raises(mending.FloorError, match="原话"):
        mending.propose(kept, sample(), "rectify", "查：收货都少记两箱土豆", date(2027, 3, 1))


def test_a_unit_below_five_people_is_never_named() -> None:
    kept = book.Book().with_case(sample())
    with pytest.raises(mending.FloorError, match="5 个人"):
        mending.propose(
            kept, sample(), "rectify", "收货双人复核", date(2027, 3, 1), unit="北库", people=4
        )


def test_an_archive_carries_watermark_and_clean_photos(jpeg: bytes) -> None:
    letter = dataclasses.replace(sample().letters[0], photos=("aa",))
    raw = archive.archive(sample(letters=(letter,), ko="SECRET"), {"aa": jpeg}, "hq", DAY)
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        names = file.namelist()
        record = json.loads(file.read(names[0]))
        photo = file.read(names[1])
    assert record["watermark"] == "hq 2026-12-01"
    assert "ko" not in record
    assert b"Zhang San" in jpeg
    assert b"Zhang San" not in photo
    assert b"GPS-SECRET" not in photo
    with Image.open(io.BytesIO(photo)) as picture:
        assert picture.size == (64, 48)


def test_what_is_no_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="不是照片"):
        archive.copied(b"\xff\xd8 nonsense")


def test_the_hand_on_sheet_is_a_pdf_with_an_embedded_font() -> None:
    strange = dataclasses.replace(
        sample().letters[0], text="<b>半句 & \x07 <img src=x>" + "长" * 3000
    )
    raw = hand_on_sheet(
        sample(letters=(strange,)), "校纪委", Sheet(officer="后勤纪检委员", day=DAY)
    )
    assert raw.startswith(b"%PDF")
    assert b"FontFile2" in raw


@pytest.mark.parametrize("place", ["长" * 16_000, "x" * 16_000, "一\n" * 8_000, "<b>&" * 4_000])
def test_a_place_of_any_length_leaves_a_hand_on_sheet(place: str) -> None:
    sheet = Sheet(officer="后勤纪检委员", day=DAY)
    assert hand_on_sheet(sample(place=place), "校" * 3_000, sheet).startswith(b"%PDF")


def test_a_missing_font_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reportlab.pdfbase.pdfmetrics.getRegisteredFontNames", list)
    with pytest.raises(FontMissingError, match="fonts-wqy-microhei"):
        hand_on_sheet(
            sample(), "校纪委", Sheet(officer="x", day=DAY, fonts=(Path("/no/such.ttc"),))
        )


def test_the_poster_is_a_pdf(house: Any) -> None:
    raw = poster(house.recipients, "https://h.example/m/", "ab" * 32, Sheet(officer="", day=DAY))
    assert raw.startswith(b"%PDF")
