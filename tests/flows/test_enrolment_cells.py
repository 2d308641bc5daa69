"""One cell of a roster row → a value or a fault."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.codes import Level, Post
from lianbot.domain.posts import PostProfile
from lianbot.domain.roster import Column
from lianbot.flows import enrolment_cells as cells
from lianbot.flows.enrolment_posts import PostWords


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("13800000000", "13800000000"),
        ("138 0000 0000", "13800000000"),
        ("138-0000-0000", "13800000000"),
        ("＋86 １３８００００００００", "13800000000"),
        ("008613800000000", "13800000000"),
        ("8613800000000", "13800000000"),
        ("(0871)65150000", "087165150000"),
        ("", None),
    ],
)
def test_phones_as_people_write_them(written, phone):
    assert cells.phone_of(written) == phone


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("1.38E+10", "科学计数法"),
        ("13800000000/13900000000", "只写一个"),
        ("1380000000", "11 位"),
        ("12800000000", "11 位"),
        ("见备注", "11 位"),
    ],
)
def test_a_wrong_phone_says_the_mend(written, mend):
    with pytest.raises(cells.CellFaultError, match=mend):
        cells.phone_of(written)


@pytest.mark.parametrize(
    "written",
    ["2024-03-01", "2024/3/1", "2024.3.1", "2024年3月1日", "20240301", "45352", "2024-03-01 08:30",
     "2024年3月", "2024-3", "２０２４．３．１"],
)  # fmt: skip
def test_dates_as_people_write_them(written):
    assert cells.date_of(Column.STARTED, written) == date(2024, 3, 1)


@pytest.mark.parametrize(
    "written", ["2024.10", "昨天", "2024-13-01", "3月1日", "24.3.1", "2024-02-30"]
)
def test_a_date_that_could_mean_two_things_is_not_guessed(written):
    with pytest.raises(cells.CellFaultError):
        cells.date_of(Column.STARTED, written)


@given(st.dates(date(1960, 1, 1), date(2060, 12, 31)))
def test_every_day_is_read_from_text_and_serial_alike(day):
    serial = (day - date(1899, 12, 30)).days
    assert cells.date_of(Column.STARTED, day.isoformat()) == day
    if serial >= 20_000:
        assert cells.date_of(Column.STARTED, str(serial)) == day


@given(st.text(max_size=30))
def test_any_text_in_any_cell_is_a_value_or_a_fault(words):
    for parse in (
        cells.name_of,
        cells.number_of,
        cells.phone_of,
        cells.level_of,
        cells.employment_of,
        cells.status_of,
        cells.account_of,
        lambda text: cells.date_of(Column.ENDED, text),
    ):
        try:
            parse(words)
        except cells.CellFaultError as fault:
            assert fault.text


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张 三", "张三"),
        ("张　三", "张三"),
        ("买买提·艾力", "买买提·艾力"),
        (" Aye  Aye ", "Aye Aye"),
    ],
)
def test_names_as_people_write_them(written, name):
    assert cells.name_of(written) == name


@pytest.mark.parametrize("written", ["张三1", "张三/李四", "13800000000", "=张三"])
def test_what_is_no_name_is_refused(written):
    with pytest.raises(cells.CellFaultError):
        cells.name_of(written)


@pytest.mark.parametrize(
    ("written", "level"), [("L5", Level.L5), ("5级", Level.L5), ("ｌ6", Level.L6)]
)
def test_levels_as_people_write_them(written, level):
    assert cells.level_of(written) is level


@pytest.mark.parametrize("written", ["", "-", "/", "无", "暂无", "N/A", " — "])
def test_the_many_ways_to_write_nothing(written):
    assert cells.stated(written) == ""


PROFILES = (
    PostProfile(
        code=Post.COOK,
        name="厨师",
        short="厨",
        aliases=("帮厨", "通用"),
        send=(),
        never=(),
        topics=(),
    ),
    PostProfile(
        code=Post.CLEAN, name="保洁", short="洁", aliases=("通用",), send=(), never=(), topics=()
    ),
)


@pytest.mark.parametrize(
    ("cell", "posts", "unknown"),
    [
        ("厨师", (Post.COOK,), ()),
        ("COOK", (Post.COOK,), ()),
        (" 帮 厨 ", (Post.COOK,), ()),
        ("厨师和保洁", (Post.COOK, Post.CLEAN), ()),
        ("和面", (), ("和面",)),
        ("厨师/打荷", (Post.COOK,), ("打荷",)),
        ("厨师/帮厨", (Post.COOK,), ()),
        ("通用", (), ("通用",)),
        ("", (), ()),
    ],
)
def test_posts_in_free_words(cell, posts, unknown):
    assert PostWords({}, PROFILES).read("甲公司", cell) == (posts, unknown)


def test_a_saved_word_is_found_whatever_its_blanks():
    words = PostWords({"甲公司": {"打荷": (Post.COOK,)}}, PROFILES)
    assert words.read(" 甲公司", "打 荷") == ((Post.COOK,), ())


def test_a_sensitive_tag_is_a_fault_of_its_cell():
    with pytest.raises(cells.CellFaultError, match="民族") as fault:
        cells.tags_of("夜班小组、回族")
    assert fault.value.column is Column.TAGS
