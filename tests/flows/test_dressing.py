"""A delivery as a message: its form by client, everything in plain text and one link (P7)."""

from uuid import UUID

import pytest

from fakes.ports import a_delivery, a_parcel, an_edition
from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.codes import ItemType, Post
from lianbot.domain.messages import MessageForm
from lianbot.domain.people import ClientKind, KnownWorker
from lianbot.flows.dressing import FORMS, Dresser
from lianbot.flows.inbound import delivery_of_task
from lianbot.phrases import replies

ORIGIN = "lianbot/00112233445566aa"


@pytest.fixture
def dresser() -> Dresser:
    return Dresser(origin=ORIGIN, public_url="https://lj.example/", lead_of=lambda text: text[:4])


def test_every_client_has_a_form():
    assert set(FORMS) == set(ClientKind)


@pytest.mark.parametrize(
    ("client", "form"),
    [
        (ClientKind.WECOM, MessageForm.BUTTON_CARD),
        (ClientKind.PLAIN, MessageForm.TEXT),
        (ClientKind.UNKNOWN, MessageForm.TEXT_CARD),
    ],
)
def test_the_form_is_what_the_client_can_show(dresser, client, form):
    assert dresser.dress(a_parcel(a_delivery(), client=client)).form is form


@pytest.mark.parametrize("client", list(ClientKind))
def test_the_whole_item_and_the_link_are_there_in_every_form(dresser, client):
    dressed = dresser.dress(a_parcel(a_delivery(), client=client))
    assert an_edition().text in dressed.text
    assert an_edition().title in dressed.text
    assert dressed.url == f"https://lj.example/m/i/{UUID(int=1)}"


def test_the_same_parcel_is_the_same_message(dresser):
    parcel = a_parcel(a_delivery())
    assert dresser.dress(parcel) == dresser.dress(parcel)


def test_everybody_of_a_push_gets_the_same_address(dresser):
    urls = {dresser.dress(a_parcel(a_delivery(number))).url for number in range(1, 5)}
    assert len(urls) == 1


def test_every_message_has_a_task_of_its_own_that_names_its_delivery(dresser):
    tasks = [dresser.dress(a_parcel(a_delivery(number))).task for number in range(1, 5)]
    assert [delivery_of_task(ORIGIN, task) for task in tasks] == [1, 2, 3, 4]
    assert len(set(tasks)) == 4


def test_a_reminder_says_so_and_its_answer_and_page_are_the_pushs(dresser):
    reminder = a_parcel(
        a_delivery(9),
        kind=OccurrenceKind.REMINDER,
        answers_to=4,
        answers_occurrence=UUID(int=77),
    )
    dressed = dresser.dress(reminder)
    assert dressed.title.startswith("提醒一次：")
    assert delivery_of_task(ORIGIN, dressed.task) == 4
    assert dressed.url.endswith(str(UUID(int=77)))
    assert dressed.task != dresser.dress(a_parcel(a_delivery(4))).task


def test_a_tag_stands_before_the_title(dresser):
    dressed = dresser.dress(a_parcel(a_delivery(), edition=an_edition(tag="编写")))
    assert dressed.title.startswith("【编写】")


def test_the_buttons_fit_the_platforms_limits(dresser):
    dressed = dresser.dress(a_parcel(a_delivery()))
    assert 1 <= len(dressed.buttons) <= 6
    assert all(1 <= len(one.label) <= 10 for one in dressed.buttons)
    assert all(len(label) <= 10 for label in replies.AFTER_TAP.values())


@pytest.fixture
def with_door() -> Dresser:
    return Dresser(
        origin=ORIGIN,
        public_url="https://lj.example/",
        lead_of=lambda text: text[:4],
        bulletin=True,
    )


def test_the_weekly_lesson_ends_with_the_constant_line_of_the_bulletin(with_door, dresser):
    assert with_door.dress(a_parcel(a_delivery())).text.endswith(f"\n{replies.BULLETIN_LINE}")
    assert replies.BULLETIN_LINE not in dresser.dress(a_parcel(a_delivery())).text


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": OccurrenceKind.REMINDER},
        {"edition": an_edition(type=ItemType.REMINDER)},
        {"edition": an_edition(type=ItemType.CASE)},
    ],
)
def test_no_other_message_carries_the_bulletin(with_door, changes):
    assert replies.BULLETIN_LINE not in with_door.dress(a_parcel(a_delivery(), **changes)).text


def test_the_bulletins_line_has_no_figure_and_no_code():
    assert not any(sign.isdigit() for sign in replies.BULLETIN_LINE)


def test_on_a_shared_account_every_message_says_first_whom_it_is_for():
    delivery = a_delivery()
    mine = KnownWorker(id=delivery.worker_id, name="王芳", posts=(Post.COOK,), team_id=1)
    other = KnownWorker(id=UUID(int=99), name="李强", posts=(Post.COOK,), team_id=1)
    dresser = Dresser(
        origin=ORIGIN,
        public_url="https://lj.example/",
        lead_of=lambda text: text[:4],
        sharers=lambda _channel, _account: (other, mine),
    )
    dressed = dresser.dress(a_parcel(delivery))
    assert dressed.title.startswith("给王芳：") and dressed.text.startswith("给王芳：")
