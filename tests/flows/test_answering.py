from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lianbot.curriculum import load_posts
from lianbot.curriculum.faq import load_library
from lianbot.domain.codes import Post, Topic
from lianbot.flows.answering import ASK_SOMEONE_KEY, HELP_KEY, Answered, Answering
from lianbot.flows.answering_memory import MOST_ASKERS, TopicMemory, TopicTally, worth_keeping
from lianbot.understanding.intents import AskSomeone, Question
from lianbot.understanding.library import Library
from lianbot.understanding.reader import Understanding

CONTENT = Path(__file__).parents[2] / "content"
NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
DOOR = "https://school.example/m/"
VISIBLE = "公众号后台几天内看得到您打的字，可删；不留名地问，点这里"
Ask = Callable[..., Answered]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(CONTENT)


@pytest.fixture(scope="module")
def understanding(library: Library) -> Understanding:
    return Understanding(library.language)


@pytest.fixture
def make(library: Library, understanding: Understanding) -> Callable[..., Answering]:
    def build(**options: object) -> Answering:
        given: dict[str, object] = {"door_url": DOOR} | options
        return Answering(
            library=library,
            understanding=understanding,
            posts={profile.code: profile for profile in load_posts(CONTENT)},
            **given,  # type: ignore[arg-type]
        )

    return build


@pytest.fixture
def answering(make: Callable[..., Answering]) -> Answering:
    return make()


def say(
    answering: Answering,
    text: str,
    *,
    asker: str = "w1",
    post: Post | None = Post.RECV,
    now: datetime = NOW,
) -> Answered:
    intent = answering.read(text, asker=asker, now=now)
    return answering.screen(intent, asker=asker, post=post, now=now)


def test_a_clear_question_is_answered_with_clause_and_edition(answering: Answering) -> None:
    answered = say(answering, "供货商塞了两条烟，咋办？")
    assert answered.topic is Topic.GIFT_OFFER
    assert answered.screen.text.startswith("不收")
    assert "反不正当竞争法第8条（2025-06-27版）" in answered.screen.text


def test_an_unsure_question_gets_two_buttons_and_their_words(answering: Answering) -> None:
    question = Question(
        topic=Topic.KICKBACK, score=0.3, sure=False, offered=(Topic.KICKBACK, Topic.VEHICLE_USE)
    )
    screen = answering.screen(question, asker="w1", post=None, now=NOW).screen
    assert [button.key for button in screen.buttons] == ["topic:kickback", "topic:vehicle-use"]
    assert all(button.label in screen.text for button in screen.buttons)


def test_a_close_runner_up_stands_under_the_answer(answering: Answering) -> None:
    question = Question(topic=Topic.KICKBACK, score=0.8, offered=(Topic.VEHICLE_USE,))
    screen = answering.screen(question, asker="w1", post=None, now=NOW).screen
    assert "一分也不能拿" in screen.text
    assert [button.key for button in screen.buttons] == ["topic:vehicle-use"]
    assert screen.buttons[0].label in screen.text


def test_an_unknown_question_gets_a_hand_over_and_examples_of_the_post(
    answering: Answering,
) -> None:
    answered = say(answering, "明天几点下雨", post=Post.GUARD)
    assert answered.topic is Topic.FALLBACK
    assert "班长" in answered.screen.text
    assert "给钱叫我放车咋办" in answered.screen.text


def test_a_follow_up_within_ten_minutes_keeps_the_topic(answering: Answering) -> None:
    say(answering, "供货商塞了两条烟，咋办？")
    later = NOW + timedelta(minutes=9)
    assert say(answering, "要是拿了呢", now=later).topic is Topic.GIFT_RECEIVED


def test_after_ten_minutes_the_topic_is_forgotten(answering: Answering) -> None:
    say(answering, "老板让我签空白验收单")
    just_before = NOW + timedelta(minutes=9, seconds=59)
    assert answering.read("那要是他问起来呢", asker="w1", now=just_before) == answering.read(
        "那要是他问起来呢", asker="w1", now=NOW
    )
    later = NOW + timedelta(minutes=10)
    assert say(answering, "那要是他问起来呢", now=later).topic is not Topic.BLANK_SIGN


def test_one_worker_does_not_see_anothers_topic(answering: Answering) -> None:
    say(answering, "老板让我签空白验收单", asker="w1")
    assert say(answering, "那要是他问起来呢", asker="w2").topic is not Topic.BLANK_SIGN


@pytest.mark.parametrize(
    "text",
    ["早先拿过回扣想退了", "我媳妇替我收了两瓶酒", "领导说出了事他扛", "两个月没发工资找谁"],
)
def test_delicate_topics_end_with_who_can_see_it(answering: Answering, text: str) -> None:
    screen = say(answering, text).screen
    assert screen.text.count(VISIBLE) == 1
    assert DOOR in screen.text


def test_without_a_door_the_paper_box_stands_in_its_place(
    make: Callable[..., Answering],
) -> None:
    text = say(make(door_url=None), "举报").screen.text
    assert "http" not in text
    assert all(number in text for number in ("12388", "12333", "12315", "110", "纸条箱"))


def test_a_bare_concern_word_gets_one_neutral_line_and_the_link(answering: Answering) -> None:
    screen = say(answering, "有人欺负我").screen
    assert DOOR in screen.text
    assert "长按" in screen.text
    assert "\n" not in screen.text


@pytest.mark.parametrize("word", ["举报", "我要举报", "回扣", "欺负", "有人欺负我", "欠薪"])
def test_a_bare_concern_word_is_no_question_and_names_no_topic_to_count(
    answering: Answering, word: str
) -> None:
    answered = say(answering, word)
    assert DOOR in answered.screen.text
    assert answered.topic is None


@pytest.mark.parametrize("text", ["欠薪", "我要讨薪", "拖欠工资"])
def test_wage_words_name_the_labour_hotline_before_the_link(
    answering: Answering, text: str
) -> None:
    shown = say(answering, text).screen.text
    assert 0 < shown.index("12333") < shown.index(DOOR)
    assert "长按" in shown


@pytest.mark.parametrize("text", ["举报", "回扣", "欺负", "骚扰"])
def test_other_trigger_words_get_one_neutral_sentence_the_link_and_the_hint(
    answering: Answering, text: str
) -> None:
    shown = say(answering, text).screen.text
    assert DOOR in shown
    assert "长按就能删" in shown
    assert text not in shown


def test_what_is_not_understood_shows_the_way_to_the_teacher_where_there_is_a_page(
    make: Callable[..., Answering],
) -> None:
    page = "https://lj.example/m/ask"
    assert page in say(make(ask_url=page), "明天几点下雨").screen.text
    assert "/m/ask" not in say(make(), "明天几点下雨").screen.text


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("班长拿回扣我要举报", DOOR),
        ("拖欠工资三个月了", "12333"),
        ("库房着火了", "119"),
        ("馒头机坏了归谁修", ""),
        ("剩的馒头能带走吗", ""),
    ],
)
def test_before_a_question_is_kept_a_concern_or_danger_is_shown_the_right_way(
    answering: Answering, text: str, sign: str
) -> None:
    warning = answering.before_handing_over(text)
    assert sign in warning
    assert bool(warning) is bool(sign)


def test_a_concern_word_in_a_question_adds_the_line_to_the_answer(answering: Answering) -> None:
    text = say(answering, "举报要不要证据").screen.text
    assert "三条路" in text
    assert DOOR in text


def test_danger_starts_with_the_number_that_helps(answering: Answering) -> None:
    assert "119" in say(answering, "库房着火了").screen.text.splitlines()[0]
    assert "110" in say(answering, "有人要打我").screen.text.splitlines()[0]
    assert "120" in say(answering, "有人晕倒了").screen.text.splitlines()[0]


def test_a_voice_message_gets_six_own_topics_the_hint_and_a_person(answering: Answering) -> None:
    screen = answering.not_text(Post.COOK).screen
    keys = [button.key for button in screen.buttons]
    assert keys[0] == "topic:take-food"
    assert len(keys) == 7
    assert keys[-1] == ASK_SOMEONE_KEY
    assert "转文字" in screen.text


def test_somebody_without_a_post_gets_the_usual_topics(answering: Answering) -> None:
    assert len(answering.not_text(None).screen.buttons) == 7


def test_help_is_prepared_and_the_same_object_each_time(answering: Answering) -> None:
    answered = say(answering, "帮助", post=Post.COOK)
    assert answered.screen is answering.help_screen(Post.COOK)
    assert answered.topic is None
    assert len(answered.screen.buttons) == 6


def test_a_tapped_button_shows_its_answer(answering: Answering) -> None:
    answered = answering.tapped("topic:blank-sign", asker="w1", post=None, now=NOW)
    assert answered is not None
    assert "空白单不签" in answered.screen.text


def test_help_and_a_person_can_be_tapped(answering: Answering) -> None:
    for key in (HELP_KEY, ASK_SOMEONE_KEY):
        assert answering.tapped(key, asker="w1", post=None, now=NOW) is not None


@pytest.mark.parametrize("key", ["ack:1", "topic:", "topic:../etc", "", "topic:gift"])
def test_a_key_that_is_not_ours_is_left_to_others(answering: Answering, key: str) -> None:
    assert answering.tapped(key, asker="w1", post=None, now=NOW) is None


def test_an_answer_nobody_approved_is_not_shown(make: Callable[..., Answering]) -> None:
    text = say(make(may_show=lambda _: False), "供货商塞了两条烟，咋办？").screen.text
    assert "还没审完" in text
    assert "当面退" not in text


def test_danger_is_answered_even_before_anybody_approved(make: Callable[..., Answering]) -> None:
    assert "119" in say(make(may_show=lambda _: False), "库房着火了").screen.text


@pytest.mark.parametrize("text", ["收到", "没看懂", "不同意", "做不到", "找人讲", "换岗"])
def test_every_word_has_a_screen_without_an_open_item(answering: Answering, text: str) -> None:
    assert say(answering, text).screen.text


def test_asking_for_a_person_is_no_topic(answering: Answering) -> None:
    answered = answering.screen(AskSomeone(word="找人讲"), asker="w1", post=None, now=NOW)
    assert answered.topic is None


@pytest.mark.parametrize("topic", [topic for topic in Topic if topic is not Topic.FALLBACK])
def test_every_answer_with_all_its_lines_fits_one_message(
    answering: Answering, topic: Topic
) -> None:
    question = Question(topic=topic, score=1, concern=True, offered=(Topic.LEAVE_TRANSFER,))
    text = answering.screen(question, asker="w1", post=None, now=NOW).screen.text
    assert len(text.encode()) <= 2048
    assert len(text) <= 400


def test_memory_keeps_topics_only_and_not_more_than_its_bound() -> None:
    memory = TopicMemory()
    for asker in range(MOST_ASKERS + 5):
        memory.keep(asker, Topic.KICKBACK, NOW)
    assert memory.before(0, NOW) is None
    assert memory.before(MOST_ASKERS + 4, NOW) is Topic.KICKBACK


def test_memory_drops_what_is_over_when_somebody_asks() -> None:
    memory = TopicMemory()
    memory.keep("old", Topic.KICKBACK, NOW)
    memory.keep("new", Topic.BANQUET, NOW + timedelta(minutes=11))
    assert memory.before("old", NOW) is None


def test_a_topic_asked_fewer_than_five_times_is_not_shown() -> None:
    tally = TopicTally()
    for _ in range(5):
        tally.add(Topic.KICKBACK)
    for _ in range(4):
        tally.add(Topic.CONFESS)
    assert worth_keeping(tally.take()) == {Topic.KICKBACK: 5}


def test_what_was_taken_can_be_given_back_with_what_came_meanwhile() -> None:
    tally = TopicTally()
    tally.add(Topic.KICKBACK)
    taken = tally.take()
    assert taken == {Topic.KICKBACK: 1}
    tally.add(Topic.KICKBACK)
    tally.give_back(taken)
    assert tally.take() == {Topic.KICKBACK: 2}
    assert tally.take() == {}


def test_nothing_typed_is_kept_anywhere_in_the_flow(answering: Answering) -> None:
    say(answering, "我叫张三丰住在七号楼供货商塞了两条烟咋办")
    kept = repr(answering._memory._until)
    assert "张三丰" not in kept
    assert "七号楼" not in kept
