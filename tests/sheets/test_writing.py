"""What lianbot writes is text where it says text, and never a formula."""

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from lianbot.domain.roster import (
    RosterChanges,
    RosterDiff,
    RowOutcome,
    RowRef,
    Table,
    Verdict,
)
from lianbot.sheets.reading import read_file
from lianbot.sheets.result import write_result
from lianbot.sheets.writing import Page, Painted, Tone, neutral, write_csv, write_table


def rows_of(path: Path, sheet: int = 0) -> list[list[object]]:
    with CalamineWorkbook.from_path(path) as book:
        return book.get_sheet_by_index(sheet).to_python()


def page(*rows: Iterable[object], name: str = "表", **more: object) -> Page:
    return Page(name=name, head=("甲", "乙"), rows=rows, **more)


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\u200e=", "\x01="]
)
def test_a_text_that_opens_a_formula_gets_an_apostrophe(start):
    assert neutral(f"{start}1+1").startswith("'")


@given(st.text())
def test_no_neutral_text_opens_a_formula(words):
    assert not neutral(words).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.text(alphabet=st.characters(categories=["Lo", "Nd"])))
def test_ordinary_words_are_left_alone(words):
    assert neutral(words) == words


def test_control_and_direction_signs_are_gone():
    assert neutral("张\x00三\u202e\x1b") == "张三"


def test_a_phone_stays_text(tmp_path):
    write_table(tmp_path / "a.xlsx", [page(("13800000000", 1))])
    assert rows_of(tmp_path / "a.xlsx")[1][0] == "13800000000"


def test_a_formula_is_stored_as_a_text(tmp_path):
    write_table(tmp_path / "a.xlsx", [page(('=HYPERLINK("http://x")', "x"))])
    assert rows_of(tmp_path / "a.xlsx")[1][0] == '\'=HYPERLINK("http://x")'


def test_head_and_caption_are_neutral_too(tmp_path):
    sheet = Page(name="表", head=("=1",), rows=[], caption="+1")
    write_table(tmp_path / "a.xlsx", [sheet])
    assert rows_of(tmp_path / "a.xlsx") == [["'+1"], ["'=1"]]


def test_numbers_days_and_moments_keep_their_kind(tmp_path):
    moment = datetime(2026, 12, 1, 14, 7, tzinfo=UTC)
    write_table(tmp_path / "a.xlsx", [page((-5, date(2026, 12, 1)), (moment, None), (True, 0.5))])
    assert rows_of(tmp_path / "a.xlsx")[1:] == [
        [-5, date(2026, 12, 1)],
        [datetime(2026, 12, 1, 14, 7), ""],  # noqa: DTZ001 - a spreadsheet knows no zones
        [True, 0.5],
    ]


def test_sheet_names_are_made_fit_and_different(tmp_path):
    pages = [
        page(name=name) for name in ("甲/乙[1]" + "长" * 40, "甲/乙[1]" + "长" * 40, "", "'x'")
    ]
    write_table(tmp_path / "a.xlsx", pages)
    with CalamineWorkbook.from_path(tmp_path / "a.xlsx") as book:
        assert len(set(book.sheet_names)) == 4


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "a.xlsx"
    write_table(path, [page(("旧", 1))])

    def broken() -> Iterable[tuple[str, int]]:
        yield ("新", 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_table(path, [Page(name="表", head=("甲", "乙"), rows=broken())])
    assert rows_of(path)[1][0] == "旧"
    assert list(tmp_path.iterdir()) == [path]


def test_csv_opens_in_excel_and_is_neutral(tmp_path):
    path = tmp_path / "a.csv"
    write_csv(path, page(("=1", Painted(value="张三", tone=Tone.GOOD)), (None, 3)))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [["甲", "乙"], ["'=1", "张三"], ["", "3"]]


def outcome(table: Table, at: int, verdict: Verdict, text: str) -> RowOutcome:
    ref = RowRef(sheet=table.sheet, row=table.rows[at].row)
    return RowOutcome(ref=ref, name="", verdict=verdict, text=text)


def test_the_result_has_the_same_rows_with_their_fate_and_without_dropped_columns(
    workbook, tmp_path
):
    source = workbook(
        {"一": [["标题"], ["姓名", "身份证号", "手机", "备注"], ["张三", "秘", 13800000000, "@x"],
                ["李四", "秘", "", ""]]}
    )  # fmt: skip
    tables = read_file(source)
    (table,) = tables
    diff = RosterDiff(
        outcomes=(
            outcome(table, 0, Verdict.JOINED, "工号 LB000001"),
            outcome(table, 1, Verdict.ERROR, "没有岗位，请补上"),
        ),
        left=(),
        changes=RosterChanges(
            base_version=1,
            new_contractors=(),
            new_sites=(),
            new_teams=(),
            changes=(),
            last_issued=0,
        ),
        post_questions=(),
        person_questions=(),
        second_yes=(),
        notes=(),
        dropped=table.dropped,
    )
    write_result(tmp_path / "结果.xlsx", tables, diff)
    assert rows_of(tmp_path / "结果.xlsx", 1) == [
        ["姓名", "手机", "备注", "处理结果"],
        ["张三", "13800000000", "'@x", "新增｜工号 LB000001"],
        ["李四", "", "", "有误｜没有岗位，请补上"],
    ]
    assert any("身份证号" in str(row) for row in rows_of(tmp_path / "结果.xlsx", 0))
