import pytest

from lianbot.domain.codes import Topic
from lianbot.understanding.intents import (
    Acknowledge,
    AskSomeone,
    Cannot,
    Change,
    Disagree,
    Help,
    LeaveOrMove,
    NotUnderstood,
    Question,
)
from lianbot.understanding.library import Library
from lianbot.understanding.reader import Understanding


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("懂了", Acknowledge),
        ("收到！", Acknowledge),
        (" 1 ", Acknowledge),
        ("１", Acknowledge),
        ("没看懂", NotUnderstood),
        ("不同意", Disagree),
        ("做不到。", Cannot),
        ("找人讲", AskSomeone),
        ("帮助", Help),
        ("？", Help),
        ("换号", LeaveOrMove),
    ],
)
def test_a_whole_message_is_a_command(understanding: Understanding, text: str, kind: type) -> None:
    assert isinstance(understanding.command(text), kind)
    assert isinstance(understanding.read(text), kind)


@pytest.mark.parametrize(
    "text",
    [
        "我收到一条烟",
        "知道了会不会报复我",
        "1块钱",
        "懂了吗你",
        "做不到两人验收咋办",
        "班长叫我换岗",
    ],
)
def test_a_command_word_inside_a_sentence_does_not_count(
    understanding: Understanding, text: str
) -> None:
    assert understanding.command(text) is None
    assert not isinstance(understanding.read(text), Acknowledge | Cannot | LeaveOrMove)


def test_the_kind_of_change_is_kept(understanding: Understanding) -> None:
    change = understanding.command("换手机号")
    assert isinstance(change, LeaveOrMove)
    assert change.change is Change.PHONE


def test_a_buttons_label_typed_is_the_tap(understanding: Understanding, library: Library) -> None:
    for topic, label in library.labels.items():
        if topic in {Topic.URGENT, Topic.FALLBACK}:
            continue
        intent = understanding.read(label)
        assert isinstance(intent, Question)
        assert (intent.topic, intent.sure) == (topic, True)


def test_no_word_stands_in_two_lists(library: Library) -> None:
    words = library.language.words
    lists = [
        words.acknowledge,
        words.not_understood,
        words.disagree,
        words.cannot,
        words.ask_someone,
        words.help,
        *words.change.values(),
        tuple(library.labels.values()),
    ]
    every = [word for each in lists for word in each]
    assert len(every) == len(set(every))
