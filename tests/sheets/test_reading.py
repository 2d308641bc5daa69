"""Roster files as people have them."""

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.errors import InvalidInputError
from lianbot.domain.roster import Column, Table
from lianbot.sheets import archive
from lianbot.sheets.cells import private, text
from lianbot.sheets.columns import known, sensitive
from lianbot.sheets.reading import read_bytes, read_file

HEAD = ["工号", "姓名", "手机号", "公司", "班组", "岗位"]
ZHANG = ["1001", "张三", 13800000000, "甲公司", "一班", "保洁"]
IDENTITY = "530102197001011234"


def cells(table: Table, row: int) -> dict[Column, str]:
    found = next(r for r in table.rows if r.row == row)
    return {c: v for c, v in zip(table.columns, found.values, strict=True) if c}


def csv_of(*lines: str, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(lines).encode(encoding)


# ---- finding the table


def test_title_rows_above_the_head_are_passed_over(workbook):
    path = workbook({"表": [["某某公司花名册"], [], ["填报日期：2026年3月"], HEAD, ZHANG]})
    (table,) = read_file(path)
    assert (table.head_row, table.rows[0].row) == (4, 5)


def test_a_head_over_two_rows_with_merged_groups_is_read_as_one(workbook):
    path = workbook(
        {"表": [[], [None, "手机", "微信号"], ["张三", 13800000000, "x"]]},
        merges={"表": [("A1:A2", "姓名"), ("B1:C1", "联系方式")]},
    )
    (table,) = read_file(path)
    assert table.columns[:2] == (Column.NAME, Column.PHONE)
    assert table.head_row == 2
    assert cells(table, 3)[Column.PHONE] == "13800000000"


def test_an_identity_number_under_a_group_head_is_dropped(workbook):
    path = workbook(
        {"表": [[], [None, None, "号码", "类型"], ["张三", "保洁", IDENTITY, "居民"]]},
        merges={"表": [("A1:A2", "姓名"), ("B1:B2", "岗位"), ("C1:D1", "身份证件")]},
    )
    (table,) = read_file(path)
    assert table.head == ("姓名", "岗位")


def test_cells_merged_downwards_count_for_every_row(workbook):
    path = workbook(
        {"表": [["公司", "姓名", "岗位"], [None, "张三", "保洁"], [None, "李四", "保安"]]},
        merges={"表": [("A2:A3", "甲公司")]},
    )
    (table,) = read_file(path)
    assert cells(table, 3)[Column.CONTRACTOR] == "甲公司"


def test_a_merged_company_beside_empty_rows_makes_no_people(workbook):
    path = workbook(
        {"表": [["公司", "姓名", "岗位"], [None, "张三", "保洁"]]},
        merges={"表": [("A2:A9", "甲公司")]},
    )
    (table,) = read_file(path)
    assert [row.row for row in table.rows] == [2]


def test_every_visible_sheet_with_a_head_is_read(workbook):
    path = workbook({"甲": [HEAD, ZHANG], "乙": [["说明"], HEAD, ZHANG]})
    assert [table.sheet for table in read_file(path)] == ["甲", "乙"]


def test_a_hidden_sheet_is_not_read_and_said_so(workbook):
    path = workbook({"甲": [HEAD, ZHANG], "旧": [HEAD, ZHANG]}, hidden=["旧"])
    (table,) = read_file(path)
    assert [note.sheet for note in table.notes] == ["旧"]


def test_a_sheet_without_a_head_is_said_so(workbook):
    path = workbook({"甲": [HEAD, ZHANG], "统计": [["总人数", 25]]})
    (table,) = read_file(path)
    assert [note.sheet for note in table.notes] == ["统计"]


def test_a_second_head_below_starts_a_second_table(workbook):
    other = ["姓名", "岗位", "电话"]
    path = workbook({"表": [HEAD, ZHANG, [], other, ["李四", "保安", 13900000000]]})
    first, second = read_file(path)
    assert (first.rows[-1].row, second.rows[0].row) == (2, 5)


def test_two_tables_side_by_side_are_refused(workbook):
    path = workbook({"表": [["姓名", "手机", "姓名", "手机"], ["张三", 1, "李四", 2]]})
    with pytest.raises(InvalidInputError, match="第 1 行"):
        read_file(path)


def test_a_file_without_any_head_is_refused(workbook):
    with pytest.raises(InvalidInputError, match="表头"):
        read_file(workbook({"表": [["甲", "乙"], ["丙", "丁"]]}))


# ---- rows that are no people


@pytest.mark.parametrize(
    "row",
    [
        ["合计", None, 25],
        ["备注：以上人员均已体检"],
        [None, "制表人：王五"],
        ["注: 加班"],
        ["共 25 人"],
    ],
)
def test_a_remark_below_the_rows_is_no_person(workbook, row):
    (table,) = read_file(workbook({"表": [HEAD, ZHANG, row]}))
    assert [r.row for r in table.rows] == [2]


def test_a_remark_is_never_dropped_silently(workbook):
    (table,) = read_file(workbook({"表": [HEAD, ZHANG, ["合计", None, 25]]}))
    assert [note.row for note in table.notes] == [3]


def test_a_banner_across_the_name_is_no_person(workbook):
    path = workbook({"表": [HEAD, ZHANG]}, merges={"表": [("A3:F3", "第二食堂")]})
    (table,) = read_file(path)
    assert [r.row for r in table.rows] == [2]


def test_a_person_whose_first_cell_says_manager_stays_a_person(workbook):
    path = workbook({"表": [["岗位", "姓名", "电话"], ["负责人", "张三", None]]})
    (table,) = read_file(path)
    assert cells(table, 2)[Column.NAME] == "张三"


def test_blank_rows_do_not_shift_row_numbers(workbook):
    (table,) = read_file(workbook({"表": [HEAD, [], ZHANG, [], [], ZHANG]}))
    assert [row.row for row in table.rows] == [3, 6]


# ---- cells


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (13800000000, "13800000000"),
        (13800000000.0, "13800000000"),
        ("１３８００００００００", "13800000000"),
        (" 13800000000\u200b", "13800000000"),
    ],
)
def test_a_phone_comes_as_text(workbook, value, expected):
    (table,) = read_file(workbook({"表": [["姓名", "手机"], ["张三", value]]}))
    assert cells(table, 2)[Column.PHONE] == expected


def test_the_apostrophe_of_our_own_exports_is_taken_back(workbook):
    (table,) = read_file(workbook({"表": [["姓名", "手机"], ["张三", "'+8613800000000"]]}))
    assert cells(table, 2)[Column.PHONE] == "+8613800000000"


def test_pictures_and_comments_are_no_hindrance(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate((HEAD, ZHANG)):
            for c, value in enumerate(row):
                sheet.write(r, c, value)
        sheet.write_comment("A1", "必填")
        sheet.add_table("H1:I3")
        sheet.insert_chart("A9", chart := book.add_chart({"type": "line"}))
        chart.add_series({"values": "=Sheet1!$C$2:$C$2"})
        sheet.data_validation("F2:F9", {"validate": "list", "source": ["保洁"]})
    assert [row.row for row in read_file(path)[0].rows] == [2]


def test_a_date_cell_comes_as_iso_day(workbook):
    (table,) = read_file(workbook({"表": [["姓名", "入职日期"], ["张三", date(2024, 3, 1)]]}))
    assert cells(table, 2)[Column.STARTED] == "2024-03-01"


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_whole_numbers_never_grow_a_point(number):
    (table,) = read_bytes("a.csv", csv_of("姓名,工号", f"张三,{number}"))
    assert table.rows[0].values[1] == str(number)


# ---- what must stay unread


@pytest.mark.parametrize(
    "label",
    ["身份证号", "身份证号码（18位）", "银行卡号", "开户行", "出生年月", "民族", "宗教信仰", "籍贯", "健康证号",
     "体检日期", "紧急联系人电话", "家属手机号", "政治面貌", "家庭住址", "年龄", "工资卡", "* 身 份 证", "姓名（身份证）复印件"],
)  # fmt: skip
def test_a_sensitive_column_is_dropped_and_named(workbook, label):
    (table,) = read_file(workbook({"表": [[*HEAD, label], [*ZHANG, "秘密值"]]}))
    assert table.dropped == (label,)


@pytest.mark.parametrize("label", ["身份证号", "银行卡", "民族"])
def test_the_value_of_a_sensitive_column_is_nowhere(workbook, label):
    tables = read_file(workbook({"表": [[*HEAD, label], [*ZHANG, "秘密值"]]}))
    assert "秘密值" not in repr(tables)


@pytest.mark.parametrize(
    "value", [IDENTITY, "53010219700101123X", "530102 19700101 1234", "6222021234567890123"]
)
@pytest.mark.parametrize("label", ["工号", "备注"])
def test_an_identity_or_bank_number_in_another_column_is_not_kept(workbook, label, value):
    tables = read_file(workbook({"表": [["姓名", "手机", label], ["张三", 13800000000, value]]}))
    assert "19700101" not in repr(tables)
    assert "6222021234567890123" not in repr(tables)


def test_a_hidden_value_is_marked_in_its_row(workbook):
    (table,) = read_file(workbook({"表": [["姓名", "手机", "工号"], ["张三", 1, IDENTITY]]}))
    assert table.rows[0].hidden == frozenset({2})


@given(st.from_regex(r"[1-9]\d{5}(19|20)\d{9}[\dX]", fullmatch=True))
def test_identity_numbers_are_recognised(number):
    assert private(number)


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_phones_are_not_taken_for_identity_numbers(phone):
    assert not private(f"{phone} {phone[3:]}")


# ---- words at the head


@pytest.mark.parametrize(
    ("label", "column"),
    [("姓 名", Column.NAME), ("*手机号（必填）", Column.PHONE), ("联系\n方式", Column.PHONE), ("工种", Column.POST),
     ("部门", Column.TEAM), ("用工单位", Column.CONTRACTOR), ("食堂", Column.SITE), ("入职时间", Column.STARTED),
     ("企业微信账号", Column.WECOM), ("用工形式", Column.EMPLOYMENT), ("编号", Column.NUMBER), ("本人手机", Column.PHONE)],
)  # fmt: skip
def test_labels_in_many_words(label, column):
    hit = known(label)
    assert hit and hit[0] is column


@pytest.mark.parametrize(
    "label", ["紧急联系人手机", "家属手机号", "班组长手机", "紧急联系电话", "序号", "班组长"]
)
def test_labels_of_somebody_else_are_not_the_workers(label):
    assert known(label) is None


@pytest.mark.parametrize(
    "label", ["姓名", "手机号", "公司", "班组", "校区", "岗位", "备注", "序号"]
)
def test_ordinary_labels_are_not_sensitive(label):
    assert not sensitive(label)


def test_of_two_columns_with_one_meaning_the_better_word_wins(workbook):
    path = workbook({"表": [["姓名", "部门", "班组"], ["张三", "饮食中心", "一班"]]})
    (table,) = read_file(path)
    assert cells(table, 2)[Column.TEAM] == "一班"


# ---- csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_the_encodings_people_have(encoding):
    (table,) = read_bytes("名册.csv", csv_of("姓名,手机", "张三,13800000000", encoding=encoding))
    assert table.rows[0].values == ("张三", "13800000000")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_other_delimiters(delimiter):
    lines = (delimiter.join(("姓名", "手机")), delimiter.join(("张三", "13800000000")))
    (table,) = read_bytes("名册.csv", csv_of(*lines))
    assert table.rows[0].values == ("张三", "13800000000")


def test_csv_rows_are_counted_as_excel_counts_them():
    (table,) = read_bytes("a.csv", csv_of("姓名,手机", '"张\n三",1', "", "李四,2"))
    assert [row.row for row in table.rows] == [2, 4]


def test_an_open_quote_names_the_line():
    with pytest.raises(InvalidInputError, match="第 3 行"):
        read_bytes("a.csv", csv_of("姓名,手机", "张三,1", '"李四,2'))


# ---- files that cannot be used


@pytest.mark.parametrize(
    ("name", "data", "mend"),
    [
        ("a.xlsx", b"", "空的"),
        ("a.xlsx", b"PK\x03\x04 broken", "另存为"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "扩展名"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "另存为"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "密码",
        ),
        ("a.xls", b"<html><table><tr><td>x</td></tr></table>", "网页"),
        ("a.csv", b"PK\x03\x04", "xlsx"),
        ("a.docx", b"PK\x03\x04", "xlsx"),
        ("a", b"x", "扩展名"),
        ("a.csv", b"\x00\x01\x02\x03", "损坏"),
        ("a.csv", b"\xff\xff\xff\x80\x80", "编码"),
        ("a.csv", "姓名,手机".encode(), None),
    ],
)
def test_a_file_that_cannot_be_used_says_the_mend(name, data, mend):
    if mend is None:
        assert read_bytes(name, data)[0].rows == ()
        return
    with pytest.raises(InvalidInputError, match=mend) as caught:
        read_bytes(name, data)
    assert caught.value.place == name


def test_a_missing_file_is_an_input_error(tmp_path: Path):
    with pytest.raises(InvalidInputError, match="没有这个文件"):
        read_file(tmp_path / "无.xlsx")


def test_a_file_over_the_size_limit_is_refused(monkeypatch):
    monkeypatch.setattr("lianbot.sheets.reading.MAX_BYTES", 10)
    with pytest.raises(InvalidInputError, match="MB"):
        read_bytes("a.csv", b"x" * 11)


def test_a_truncated_workbook_is_an_input_error(workbook):
    data = workbook({"表": [HEAD, ZHANG]}).read_bytes()
    with pytest.raises(InvalidInputError):
        read_bytes("a.xlsx", data[: len(data) // 2])


@given(cut=st.integers(100, 5_000), flip=st.integers(1, 255))
def test_a_damaged_workbook_never_ends_the_program(cut, flip):
    book = bytearray(_small_book())
    book[cut % len(book)] ^= flip
    try:
        read_bytes("a.xlsx", bytes(book))
    except InvalidInputError:
        return


def _small_book() -> bytes:
    return _book("<row r='1'><c r='A1' t='inlineStr'><is><t>姓名</t></is></c>"
                 "<c r='B1' t='inlineStr'><is><t>手机</t></is></c></row>")  # fmt: skip


def _book(rows: str, *, strings: str = "", compress: int = zipfile.ZIP_STORED) -> bytes:
    """A workbook by hand, as only a forger would write it."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{package}/content-types'/>",
        "_rels/.rels": f"<Relationships xmlns='{package}/relationships'><Relationship Id='r1' "
        f"Type='{rel}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{rel}'><sheets>"
        "<sheet name='S' sheetId='1' r:id='r1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{package}/relationships'>"
        f"<Relationship Id='r1' Type='{rel}/worksheet' Target='worksheets/sheet1.xml'/>"
        f"<Relationship Id='r2' Type='{rel}/sharedStrings' Target='sharedStrings.xml'/></Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{main}'><sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst xmlns='{main}'>{strings}</sst>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as book:
        for name, body in parts.items():
            book.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    "rows",
    [
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="4294967295"><c r="A4294967295"><v>1</v></c></row>',
        "<row r='1'><c x='>' r='XFD1'><v>1</v></c></row>",
        "<row><c><v>1</v></c></row>" * 200_001,
    ],
)
def test_cells_far_out_are_refused_before_the_reader_sees_them(rows):
    with pytest.raises(InvalidInputError, match="空行"):
        read_bytes("a.xlsx", _book(rows, compress=zipfile.ZIP_DEFLATED))


def test_styled_empty_cells_far_out_do_no_harm():
    good = (
        "<row r='1'><c r='A1' t='inlineStr'><is><t>姓名</t></is></c>"
        "<c r='B1' t='inlineStr'><is><t>手机</t></is></c></row>"
        '<row><c r="A1048576" s="1"/></row>'
    )
    assert read_bytes("a.xlsx", _book(good))[0].head == ("姓名", "手机")


def test_an_archive_that_unpacks_too_far_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100_000)
    bomb = _book("<row/>" * 50_000, compress=zipfile.ZIP_DEFLATED)
    with pytest.raises(InvalidInputError, match="太大"):
        read_bytes("a.xlsx", bomb)


def test_a_long_text_repeated_many_times_is_not_copied(monkeypatch):
    monkeypatch.setattr(archive, "MAX_TEXT", 10_000)
    rows = "".join(f"<row r='{n}'><c r='A{n}' t='s'><v>0</v></c></row>" for n in range(1, 101))
    head = "<si><t>姓名</t></si>"
    data = _book(rows, strings=f"<si><t>{'x' * 1_000}</t></si>{head}")
    assert b"x" * 1_000 not in archive.repack(data, "a.xlsx")


def test_a_text_end_hidden_in_cdata_is_refused():
    data = _book("", strings="<si><t><![CDATA[</si>]]></t></si>")
    with pytest.raises(InvalidInputError, match="太大"):
        read_bytes("a.xlsx", data)


def test_an_archive_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(InvalidInputError, match="太大"):
        read_bytes("a.xlsx", _small_book())


def test_an_archive_with_a_password_is_refused():
    data = bytearray(_small_book())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidInputError, match="密码"):
        read_bytes("a.xlsx", bytes(data))


def test_an_archive_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<x/>")
    with pytest.raises(InvalidInputError, match="另存为"):
        read_bytes("a.xlsx", out.getvalue())


def test_overlapping_merged_ranges_are_refused(workbook):
    area = "".join('<mergeCell ref="A1:F2"/>' for _ in range(9))
    path = workbook({"表": [HEAD, ZHANG]}, merges={"表": [("A9:B9", "x")]})
    data = _with_part(path, "xl/worksheets/sheet1.xml", '<mergeCell ref="A9:B9"/>', area)
    with pytest.raises(InvalidInputError, match="损坏"):
        read_bytes("a.xlsx", data)


def _with_part(path: Path, part: str, old: str, new: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            target.writestr(
                name, body.replace(old.encode(), new.encode()) if name == part else body
            )
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "是"), (False, "否"), (time(6, 30), "06:30"), (2.5, "2.5"), (None, ""), (7, "7"),
     (datetime.combine(date(2026, 3, 1), time()), "2026-03-01"),
     (datetime.combine(date(2026, 3, 1), time(8, 30)), "2026-03-01 08:30")],
)  # fmt: skip
def test_other_kinds_of_cells_read_as_people_write_them(value, expected):
    assert text(value) == expected


def test_more_rows_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr("lianbot.sheets.reading.MAX_ROWS", 2)
    with pytest.raises(InvalidInputError, match="拆成几个文件"):
        read_bytes("a.csv", csv_of("姓名,手机", "张三,1", "李四,2"))


def test_entities_of_ones_own_are_not_expanded():
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
    row = "<row r='1'><c r='A1' t='inlineStr'><is><t>姓名&b;</t></is></c></row>"
    data = _book(bomb + row)
    with pytest.raises(InvalidInputError):
        read_bytes("a.xlsx", data)
