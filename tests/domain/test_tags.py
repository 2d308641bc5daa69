"""Tags are words for groups of work; what is nobody's business is refused with the mend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.errors import InvalidInputError
from lianbot.domain.tags import CLEAR, MOST_TAGS, tag_named, tags_in


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("", None),
        ("  ", None),
        (CLEAR, ()),
        ("夜班小组", ("夜班小组",)),
        ("夜班小组、新食堂；Ａ班 b-2", ("A班", "B-2", "夜班小组", "新食堂")),
        ("新食堂,新食堂", ("新食堂",)),
        ("苗圃组 防范组 单身公寓组 礼拜天班 布料库", ("单身公寓组", "布料库", "礼拜天班", "苗圃组", "防范组")),
    ],
)  # fmt: skip
def test_a_cell_states_its_tags(cell, tags):
    assert tags_in(cell) == (None if tags is None else tuple(sorted(tags)))


@pytest.mark.parametrize(
    "word",
    ["回族", "少数民族", "维吾尔", "傣家", "信教", "穆斯林", "清真", "基督徒", "孕妇", "乙肝", "高血压", "残疾", "哺乳期",
     "HIV", "有前科", "刑满", "社区矫正", "吸毒", "偷过", "黑名单", "党员", "离异", "超龄", "重点关注", "上访"],
)  # fmt: skip
def test_sensitive_words_and_marks_on_a_person_are_refused(word):
    with pytest.raises(InvalidInputError, match="不能做标签"):
        tag_named(word)


@pytest.mark.parametrize(
    "word", ["", "<b>", '夜"班', "夜%班", "一个特别特别特别长的标签名字", "夜_班", "A\\u591c"]
)
def test_what_is_no_plain_word_is_refused_with_an_example(word):
    with pytest.raises(InvalidInputError, match="例如"):
        tag_named(word)


def test_more_tags_than_a_person_can_have_are_refused():
    with pytest.raises(InvalidInputError, match="最多"):
        tags_in("、".join(f"组{n}" for n in range(MOST_TAGS + 1)))


@given(st.text(max_size=14))
def test_a_kept_tag_stays_as_it_is(words):
    try:
        tag = tag_named(words)
    except InvalidInputError:
        return
    assert tag_named(tag) == tag
    assert tags_in(tag) in ((tag,), ())
