"""What comes in from a platform → what goes out; and what is left behind: nothing that was typed."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from fakes.ports import FakeAnswers, FakeDirectory, NobodyBinds, nobody_binds
from lianbot.curriculum import load_posts
from lianbot.curriculum.faq import load_library
from lianbot.domain.acknowledgements import Answer, Method, NothingOpen, Receipt, Via
from lianbot.domain.codes import Post
from lianbot.domain.messages import CardUpdate, InboundKind, InboundMessage, TextReply
from lianbot.domain.people import ChannelKind, KnownWorker
from lianbot.flows.answering import Answering
from lianbot.flows.answering_memory import TopicTally
from lianbot.flows.inbound import SILENT, Inbound, delivery_of_task, task_of
from lianbot.phrases import binding, replies
from lianbot.ports.answers import NotKeptError
from lianbot.ports.ways import Visit
from lianbot.understanding.reader import Understanding

ORIGIN = "lianbot/00112233445566aa"
WANG = KnownWorker(id=UUID(int=5), name="王芳", posts=(Post.COOK,), team_id=1)
TASK = task_of(ORIGIN, 77, 42)


def message(kind: InboundKind = InboundKind.TEXT, **changes: str) -> InboundMessage:
    values = {"account": "wang", "repeat_key": "k1", "text": "", "key": "", "task": ""} | changes
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=kind,
        sent_at=datetime(2026, 12, 1, 6, 7, tzinfo=UTC),
        **values,
    )


@pytest.fixture
def book() -> FakeAnswers:
    return FakeAnswers()


@pytest.fixture
def tally() -> TopicTally:
    return TopicTally()


@pytest.fixture(scope="module")
def answering(small_content) -> Answering:
    library = load_library(small_content)
    return Answering(
        library=library,
        understanding=Understanding(library.language),
        posts={one.code: one for one in load_posts(small_content)},
        door_url=None,
    )


@pytest.fixture
def binds() -> NobodyBinds:
    return NobodyBinds()


@pytest.fixture
def inbound(book, tally, answering, clock, binds) -> Inbound:
    return Inbound(
        directory=FakeDirectory(("wang", WANG)),
        answers=book,
        answering=answering,
        tally=tally,
        clock=clock,
        origin=ORIGIN,
        binding=nobody_binds(clock, binds),
    )


TYPED = [
    ("懂了", Answer.UNDERSTOOD),
    ("收到", Answer.UNDERSTOOD),
    ("没看懂", Answer.NOT_UNDERSTOOD),
    ("不同意", Answer.DISAGREE),
    ("做不到", Answer.CANNOT),
    ("找人讲", Answer.ASK_SOMEONE),
]


@pytest.mark.parametrize(("words", "answer"), TYPED)
async def test_a_word_that_answers_is_kept_and_thanked_with_its_receipt(
    inbound, book, words, answer
):
    reply = await inbound.receive(message(text=words))
    assert reply == TextReply(text=replies.thanks(answer, 12, "0123456789"))
    (given,) = book.given
    assert (given.worker_id, given.answer, given.method, given.via, given.delivery_id) == (
        WANG.id,
        answer,
        Method.REPLY,
        Via.CALLBACK,
        None,
    )


@pytest.mark.parametrize("answer", list(Answer))
async def test_a_tap_is_kept_for_the_delivery_it_names_and_greys_the_card(inbound, book, answer):
    reply = await inbound.receive(
        message(InboundKind.CARD_TAP, key=answer.value, task=TASK, repeat_key="r")
    )
    assert reply == CardUpdate(label=replies.AFTER_TAP[answer])
    (given,) = book.given
    assert (given.delivery_id, given.method, given.wording) == (
        42,
        Method.TAP,
        replies.WORDING[answer],
    )


class Windows:
    """ports.ways.WindowBook as far as a message opens one: the notebook is `visits`."""

    def __init__(self, waiting: bool) -> None:
        self.waiting = waiting
        self.visits: list[Visit] = []

    def waits_for(self, worker_id: UUID) -> bool:
        return self.waiting

    async def came(self, visit: Visit) -> None:
        self.visits.append(visit)


@pytest.mark.parametrize("tap", [False, True], ids=["typed", "tapped"])
@pytest.mark.parametrize(
    ("repeated", "waiting", "opens"),
    [(False, False, 1), (True, False, 0), (True, True, 1), (False, True, 1)],
)
async def test_a_window_opens_with_an_answer_that_is_kept_not_with_its_repeat(
    book, tally, answering, clock, binds, repeated, waiting, opens, tap
):
    """A repeat keeps nothing beside which a window could stand; who has something held gets it all the same."""
    windows = Windows(waiting)
    inbound = Inbound(
        directory=FakeDirectory(("wang", WANG)),
        answers=book,
        answering=answering,
        tally=tally,
        clock=clock,
        origin=ORIGIN,
        binding=nobody_binds(clock, binds),
        visits=windows,
    )
    book.fate = Receipt(seq=3, leaf_start="ab" * 5, answer=Answer.UNDERSTOOD, repeated=repeated)
    kind = InboundKind.CARD_TAP if tap else InboundKind.TEXT
    pushed = message(kind, text="懂了", key="understood", task=TASK)
    await inbound.receive(replace(pushed, channel=ChannelKind.OFFICIAL))
    assert len(windows.visits) == opens


async def test_what_stands_is_said_not_what_was_just_pressed(inbound, book):
    book.fate = Receipt(seq=3, leaf_start="ab" * 5, answer=Answer.CANNOT, repeated=True)
    reply = await inbound.receive(message(text="懂了"))
    assert reply == TextReply(text=replies.thanks(Answer.CANNOT, 3, "ab" * 5))


@pytest.mark.parametrize(("words", "_answer"), TYPED)
async def test_what_could_not_be_committed_is_never_thanked(inbound, book, words, _answer):
    book.fate = NotKeptError("没记上")
    assert await inbound.receive(message(text=words)) == TextReply(text=replies.NOT_KEPT)


async def test_a_tap_that_could_not_be_committed_leaves_the_card_to_be_tapped_again(inbound, book):
    book.fate = NotKeptError("没记上")
    tap = message(InboundKind.CARD_TAP, key="understood", task=TASK)
    assert await inbound.receive(tap) is None


async def test_a_tap_on_nothing_open_changes_no_card(inbound, book):
    book.fate = NothingOpen()
    tap = message(InboundKind.CARD_TAP, key="understood", task=TASK)
    assert await inbound.receive(tap) is None


async def test_a_word_with_nothing_open_gets_a_line_and_no_thanks(inbound, book):
    book.fate = NothingOpen()
    reply = await inbound.receive(message(text="懂了"))
    assert reply == TextReply(text="现在没有等您回的课。")


@pytest.mark.parametrize(
    ("label", "key", "task"),
    [
        pytest.param(*row, id=row[0])
        for row in [
            ("another installation's card", "understood", "ffffffffffffffff-77-42"),
            ("no number", "understood", "00112233445566aa-77-x"),
            ("no task", "understood", ""),
            ("a number beyond every row", "understood", f"00112233445566aa-77-{'9' * 30}"),
            ("a minus", "understood", "00112233445566aa-77--1"),
            ("a key we never drew", "delete", TASK),
            ("an empty key", "", TASK),
        ]
    ],
)
async def test_a_tap_that_is_not_ours_does_nothing(inbound, book, label, key, task):
    reply = await inbound.receive(message(InboundKind.CARD_TAP, key=key, task=task))
    assert (reply, book.given) == (None, []), label


def test_a_task_names_the_delivery_that_its_answer_belongs_to():
    assert delivery_of_task(ORIGIN, task_of(ORIGIN, 9, 4)) == 4


@pytest.mark.parametrize("kind", sorted(SILENT))
async def test_what_is_no_act_of_a_worker_is_answered_with_nothing(inbound, book, tally, kind):
    reply = await inbound.receive(message(kind, text="懂了", key="understood", task=TASK))
    assert (reply, book.given, tally.take()) == (None, [], {})


@pytest.mark.parametrize(
    "kind",
    sorted(
        set(InboundKind)
        - SILENT
        - {InboundKind.CARD_TAP, InboundKind.SEND_RESULT, InboundKind.UNSUBSCRIBE}
    ),
)
async def test_somebody_we_do_not_know_is_told_the_way_and_nothing_is_kept(inbound, book, kind):
    reply = await inbound.receive(message(kind, account="stranger", text="懂了", key="help"))
    assert (reply, book.given) == (TextReply(text=binding.HOW_TO), [])


async def test_whoever_follows_no_more_is_noted_without_an_answer(inbound, binds):
    assert await inbound.receive(message(InboundKind.UNSUBSCRIBE)) is None
    assert binds.gone == ["wang"]


async def test_a_strangers_tap_gets_no_text_the_platform_would_not_show(inbound):
    tap = message(InboundKind.CARD_TAP, account="stranger", key="understood", task=TASK)
    assert await inbound.receive(tap) is None


@pytest.mark.parametrize(
    ("label", "incoming", "said"),
    [
        pytest.param(*row, id=row[0])
        for row in [
            ("a question", message(text="供货商塞了两条烟咋办"), "不收，当面退"),
            ("help", message(text="帮助"), "您可以点下面的字"),
            ("danger", message(text="食堂着火了"), "119"),
            ("a concern word", message(text="举报"), "12388"),
            ("voice", message(InboundKind.VOICE), "语音、图片我听不懂看不懂"),
            ("a picture", message(InboundKind.PICTURE), "语音、图片我听不懂看不懂"),
            ("the menu's help", message(InboundKind.MENU_CLICK, key="help"), "您可以点下面的字"),
            ("the menu's topic", message(InboundKind.MENU_CLICK, key="topic:gift-offer"), "不收"),
            ("a menu key of yesterday", message(InboundKind.MENU_CLICK, key="old"), "您可以点"),
            ("a new follower", message(InboundKind.SUBSCRIBE), "您可以点下面的字"),
        ]
    ],
)
async def test_everything_else_gets_one_screen_and_keeps_nothing(
    inbound, book, label, incoming, said
):
    reply = await inbound.receive(incoming)
    assert isinstance(reply, TextReply)
    assert said in reply.text, label
    assert (book.given, book.pages, book.firsts) == ([], [], [])


async def test_only_the_topic_of_a_question_is_counted(inbound, tally):
    await inbound.receive(message(text="供货商塞了两条烟咋办"))
    assert {topic.value: n for topic, n in tally.take().items()} == {"gift-offer": 1}


async def test_the_same_question_gets_the_same_answer(inbound):
    asked = message(text="供货商塞了两条烟咋办", repeat_key=str(uuid4()))
    assert await inbound.receive(asked) == await inbound.receive(asked)
