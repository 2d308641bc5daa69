import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.understanding.reader import Understanding
from lianbot.understanding.sounds import SoundRepair, blurred, sound
from lianbot.understanding.text import LONGEST, bare, replacing


def test_width_case_and_punctuation_do_not_matter() -> None:
    assert bare("ＡＡ 制，吃饭？！") == bare("aa制吃饭") == "aa制吃饭"


def test_pictures_and_joiners_are_not_said() -> None:
    assert bare("👍👍​\ufe0f") == ""


@given(st.text())
def test_the_bare_form_is_stable_and_short(text: str) -> None:
    assert bare(bare(text)) == bare(text)
    assert len(bare(text)) <= LONGEST


def test_the_longest_word_is_replaced_first() -> None:
    assert replacing({"咋": "怎么", "咋办": "怎么办"})("咋办咋整") == "怎么办怎么整"


@pytest.mark.parametrize(
    ("character", "expected"),
    [("烟", "yan"), ("盐", "yan"), ("章", "zhang"), ("安", "an"), ("1", "1")],
)
def test_a_character_has_its_sound(character: str, expected: str) -> None:
    assert sound(character) == expected


def test_southern_speech_blurs_zh_and_ng() -> None:
    assert blurred("章") == blurred("脏") == blurred("暂")


def test_a_word_is_repaired_where_only_its_sound_is_left() -> None:
    assert SoundRepair(["工资"])("没发公资") == "没发工资"


def test_a_real_word_is_left_alone() -> None:
    assert SoundRepair(["事故"])("世故的人") == "世故的人"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("塞了两条盐", "塞了两条烟"),
        ("空白但子", "空白单子"),
        ("盖个张", "盖个章"),
        ("充饭咔", "充饭卡"),
        ("咋整", "怎么办"),
        ("搞么", "怎么办"),
        ("弄撒子", "怎么办"),
        ("莫得票", "没有票"),
    ],
)
def test_mishearings_and_dialect_come_out_plain(
    understanding: Understanding, heard: str, meant: str
) -> None:
    assert understanding.normalise(heard) == meant
