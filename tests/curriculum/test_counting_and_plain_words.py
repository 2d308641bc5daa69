"""Counting, sentences, common characters and leads, by example and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.curriculum import plain

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
CHINESE = st.text(alphabet=st.one_of(HAN, st.sampled_from("，。！？；：\n 1aA")), max_size=400)

# the page that the measure comes from gives 9.8 and 19 for an item of this shape
FINISHED = """早上五点半，菜车到了。司机说：“师傅先签字，数我回去填。”
这个字不能签。单子空着，他填多少，都算您点的。
记住三步：
1. 先过秤，再看日期和票。
2. 数字写满，空格划掉。
3. 两个人一起签，拍照留底。
有人催，您就说：“规定两个人验，我一个人签不了。”
还逼您签？点“我想问问”，可以不写名字。"""


def test_white_space_is_not_counted_and_punctuation_is():
    assert plain.characters("先过秤，\n 再签。\u3000") == 7


def test_a_minute_is_150_characters():
    assert plain.spoken_seconds("字" * 150) == 60


def test_a_started_second_counts():
    assert plain.spoken_seconds("字" * 151) == 61


def test_the_finished_item_measures_as_its_author_says():
    measured = plain.measure(FINISHED)
    assert (measured.longest, round(measured.average), measured.common) == (19, 10, 1.0)


def test_commas_do_not_part_a_sentence():
    assert [length for _, _, length in plain.sentences("先过秤，再签字。走吧")] == [6, 2]


def test_list_numbers_are_not_part_of_a_sentence():
    assert [length for _, _, length in plain.sentences("1. 先过秤\n12、再签")] == [3, 2]


@pytest.mark.parametrize(
    ("char", "common"), [("的", True), ("秤", True), ("饕", False), ("亍", False), ("𠮷", False)]
)
def test_common_means_level_one_of_gb2312(char, common):
    assert plain.is_common(char) is common


def test_a_longer_term_hides_the_shorter_one_inside_it():
    assert plain.jargon("谋取私利") == ("谋取私利",)


def test_every_jargon_term_has_a_replacement_without_jargon():
    assert [term for term, mend in plain.JARGON.items() if plain.jargon(mend)] == []


@given(CHINESE)
def test_a_lead_is_a_beginning_within_the_limits(text):
    lead = plain.lead_of(text, most=60, most_bytes=150)
    assert len(lead) <= 60
    assert len(lead.encode()) <= 150
    assert text.startswith(lead.removesuffix("…"))


@given(CHINESE)
def test_a_measure_is_never_negative_or_above_one(text):
    measured = plain.measure(text)
    assert 0 <= measured.common <= 1
    assert 0 <= measured.average <= measured.longest + 0.05


@given(CHINESE, CHINESE)
def test_lines_are_measured_apart(one, other):
    together = [length for _, _, length in plain.sentences(f"{one}\n{other}")]
    apart = [length for text in (one, other) for _, _, length in plain.sentences(text)]
    assert together == apart


@given(CHINESE)
def test_rare_and_common_characters_part_the_han_ones(text):
    rare = set(plain.rare_characters(text))
    han = {char for char in text if plain.is_han(char)}
    assert han == rare | {char for char in han if plain.is_common(char)}
