"""A word nobody has used yet is taken for its like, and the reader says for which."""

from array import array

import pytest

from lianbot.domain.codes import Topic
from lianbot.understanding.features import FeatureReader
from lianbot.understanding.intents import Question, Unclear
from lianbot.understanding.kin import EACH, Kin
from lianbot.understanding.library import Language
from lianbot.understanding.reader import Understanding

WORDS = {"手镯": 0, "项链": 0, "镯子": 0, "拖把": 1, "墩布": 1, "铁管": 2}
KIN = Kin(
    names=("手镯", "拖把", "铁管", "甲", "乙", "丙", "丁"),
    groups=array("H", [0, 1, 1, 2, 2, 2, 2]),
    rows={word: row for row, word in enumerate(WORDS)},
    classes=array("H", [c for first in WORDS.values() for c in (first, 3, 4, 5, 6)]),
)


def test_a_word_stands_in_its_classes_the_nearest_first() -> None:
    assert list(KIN.of("墩布")) == [1, 3, 4, 5, 6]
    assert len(KIN.of("墩布")) == EACH


def test_a_longer_word_is_known_by_its_end() -> None:
    assert list(KIN.of("旧铁管")) == list(KIN.of("铁管"))


@pytest.mark.parametrize("word", ["", "管", "铁", "没有"])
def test_a_word_that_is_not_in_the_table_has_no_classes(word: str) -> None:
    assert list(KIN.of(word)) == []


def test_words_that_stand_together_make_a_pair_of_groups_whatever_their_order() -> None:
    assert KIN.pairs(["镯子", "墩布"]) == [(0, 1, "镯子+墩布")]
    assert KIN.pairs(["墩布", "镯子"]) == [(0, 1, "墩布+镯子")]
    assert KIN.pairs(["镯子", "没有"]) == []


def test_two_words_of_one_class_share_a_feature_and_two_strangers_none() -> None:
    read = FeatureReader({}, KIN)

    def near(text: str) -> set[str]:
        return {name for name in read(text).weights if name.startswith("m:")}

    assert "m:0" in near("镯子") & near("手镯")
    assert near("镯子") & near("墩布") == {"m:3", "m:4", "m:5", "m:6"}
    assert not {name for name in FeatureReader({})("镯子").weights if name.startswith("m")}


def test_an_unseen_word_is_compared_by_its_like_and_the_reason_names_it() -> None:
    language = Language(
        questions={
            Topic.TAKE_MATERIALS: ("捡到手镯", "捡到项链"),
            Topic.CARD_TOPUP: ("饭卡", "充值"),
        },
        off_topic=("下雨", "刮风"),
        kin=KIN,
    )
    intent = Understanding(language).read("镯子")
    assert isinstance(intent, Question | Unclear)
    assert intent.why.nearest == "捡到手镯"
    assert [words for words in intent.why.matched if words.startswith("镯子")] == ["镯子≈手镯"]
