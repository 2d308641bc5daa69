"""The shipped table of near words: read whole, and damage is named by its line."""

import pytest

from lianbot.curriculum.kin import KinError, load_kin, read_kin

GOOD = "# 说明\n[classes]\n手镯 0\n拖把 1\n[words]\n镯子 0 1 0 1 0\n墩布 1 0 1 0 1\n"


def test_a_table_is_read_whole() -> None:
    kin = read_kin(GOOD)
    assert kin.names == ("手镯", "拖把")
    assert list(kin.groups) == [0, 1]
    assert list(kin.of("墩布")) == [1, 0, 1, 0, 1]


def test_another_table_has_another_mark() -> None:
    assert read_kin(GOOD).mark == read_kin(GOOD).mark != read_kin(GOOD + "伞 0 0 0 0 0\n").mark


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "缺"),
        ("[classes]\n手镯 0\n", "缺"),
        (GOOD.replace("手镯 0", "手镯"), "kin.txt:3"),
        (GOOD.replace("镯子 0 1 0 1 0", "镯子 0 1 0 1"), "kin.txt:6"),
        (GOOD.replace("镯子 0 1 0 1 0", "镯子 0 1 0 1 x"), "kin.txt:6"),
        (GOOD.replace("镯子 0 1 0 1 0", "镯子 0 1 0 1 70000"), "kin.txt:6"),
        (GOOD.replace("镯子 0 1 0 1 0", "镯子 0 1 0 1 2"), "没有的类号"),
    ],
)
def test_a_damaged_table_is_named_by_its_line(text: str, said: str) -> None:
    with pytest.raises(KinError, match=said):
        read_kin(text)


def test_the_shipped_table_knows_everyday_words_and_stays_small() -> None:
    kin = load_kin()
    assert set(kin.of("镯子")) & set(kin.of("手镯"))
    assert 30_000 < len(kin.rows) < 60_000
    assert max(kin.classes) < len(kin.names) == len(kin.groups)
