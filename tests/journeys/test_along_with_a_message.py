"""A voice and a picture follow the text where the campaign asks; a card answered another way stops asking."""

import hashlib
import json

import pytest
from sqlalchemy import select, update

from fakes.house import Person, page_in
from fakes.pages import Page
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.people import ClientKind
from lianbot.flows.enclosing import FRESH
from lianbot.storage.tables import card_codes, editions, enclosures

VOICE = b"#!AMR\n" + (bytes([0x3C]) + bytes(31)) * 350
PICTURE = b"\xff\xd8\xff" + bytes(200)
BOTH = (EnclosureKind.VOICE, EnclosureKind.IMAGE)
WANG = Person(account="wang", name="王芳")
LI = Person(account="li", name="李强", client=ClientKind.PLAIN)


@pytest.fixture
async def stage(staged):
    async with staged([WANG, LI]) as stage:
        await illustrate(stage, {"voice/a.amr": VOICE, "media/a.jpg": PICTURE})
        yield stage


async def illustrate(stage, files: dict[str, bytes]) -> None:
    """The files in every edition, as if they had been published with it."""
    named = {hashlib.sha256(data).hexdigest(): (name, data) for name, data in files.items()}
    await stage.house.content.keep_media(named)
    listed = [{"sha256": sha256, "name": name} for sha256, (name, _) in named.items()]
    async with stage.house.database.write() as connection:
        for row in (await connection.execute(select(editions.c.sha256, editions.c.body))).all():
            body = json.dumps(json.loads(row.body) | {"media": listed}).encode()
            await connection.execute(
                update(editions).where(editions.c.sha256 == row.sha256).values(body=body)
            )


def kinds(stage, account: str) -> list[str]:
    return [one.kind for one in stage.twin.received(account)]


async def table_of(stage, table) -> list:
    async with stage.house.database.read() as connection:
        return list((await connection.execute(select(table))).all())


async def test_voice_and_picture_follow_the_message_once(stage):
    await stage.push(enclose=BOTH)
    assert kinds(stage, "wang") == ["template_card", "voice", "image"]
    assert kinds(stage, "li") == ["text", "voice", "image"]
    await stage.ticker.tick()
    assert kinds(stage, "wang") == ["template_card", "voice", "image"]
    assert {row.state for row in await table_of(stage, enclosures)} == {DeliveryState.ACCEPTED}
    # one upload a file, whoever gets it
    assert len(stage.twin.world.media) == 2


async def test_without_being_asked_only_the_message_leaves(stage):
    await stage.push()
    assert kinds(stage, "wang") == ["template_card"]
    assert await table_of(stage, enclosures) == []


async def test_a_drawing_stays_on_the_page(stage):
    await illustrate(stage, {"media/a.svg": b"<svg/>"})
    await stage.push(enclose=BOTH)
    assert kinds(stage, "wang") == ["template_card"]


async def test_an_upload_that_failed_is_made_again_while_it_is_fresh_and_never_later(stage):
    rule = stage.twin.faults.add("5xx", "*/media/upload")
    await stage.push(enclose=(EnclosureKind.VOICE,))
    assert (kinds(stage, "wang"), await table_of(stage, enclosures)) == (["template_card"], [])
    stage.twin.faults.remove(rule.id)
    stage.move(seconds=60)
    await stage.ticker.tick()
    assert kinds(stage, "wang") == ["template_card", "voice"]
    assert (await stage.rows("wang"))[0].state == DeliveryState.ACCEPTED


async def test_what_is_late_is_left_out(stage):
    rule = stage.twin.faults.add("5xx", "*/media/upload")
    await stage.push(enclose=(EnclosureKind.VOICE,))
    stage.twin.faults.remove(rule.id)
    stage.move(seconds=FRESH.total_seconds() + 60)
    await stage.ticker.tick()
    assert kinds(stage, "wang") == ["template_card"]


@pytest.mark.parametrize(
    "minutes", [22, 102], ids=["minute 30 is crowded", "the window ends at 15:50"]
)
async def test_what_goes_along_keeps_to_the_messages_hours(stage, minutes):
    rule = stage.twin.faults.add("5xx", "*/media/upload")
    stage.move(minutes=minutes)
    await stage.push(enclose=(EnclosureKind.VOICE,))
    assert kinds(stage, "wang") == ["template_card"]
    stage.twin.faults.remove(rule.id)
    stage.move(seconds=60)
    await stage.ticker.tick()
    assert kinds(stage, "wang") == ["template_card"]


async def test_a_lost_answer_leaves_it_open_and_nothing_comes_twice(stage):
    await stage.push()
    rule = stage.twin.faults.add("drop_after_accept", "*/message/send", after=2)
    stage.move(days=7)
    await stage.push(title="第二课", enclose=(EnclosureKind.VOICE,))
    stage.twin.faults.remove(rule.id)
    for _ in range(3):
        stage.move(seconds=30)
        await stage.ticker.tick()
    assert kinds(stage, "wang").count("voice") == kinds(stage, "li").count("voice") == 1
    assert {row.state for row in await table_of(stage, enclosures)} == {DeliveryState.UNKNOWN}


async def test_a_card_answered_on_the_page_is_greyed(stage):
    await stage.push()
    card = stage.twin.received("wang")[0]
    page = await Page.open(stage.twin, "wang", page_in(card))
    await page.answer(right=True)
    stage.move(seconds=90)
    await stage.ticker.tick()
    assert card.replaced == "已确认"
    assert await table_of(stage, card_codes) == []


async def test_a_card_that_was_tapped_is_not_asked_for_again(stage):
    await stage.push()
    card = stage.twin.received("wang")[0]
    await stage.twin.tap("wang", card.id, "understood")
    before = len(stage.twin.world.cards.codes)
    stage.move(seconds=90)
    await stage.ticker.tick()
    assert (card.replaced, await table_of(stage, card_codes)) == ("已确认", [])
    assert before == len(stage.twin.world.cards.codes)


async def test_a_reminders_card_is_greyed_by_the_answer_to_its_push(stage):
    await stage.push(remind_after_days=2)
    stage.move(days=2, minutes=5)
    await stage.ticker.tick()
    push, reminder = [one for one in stage.twin.received("wang") if one.kind == "template_card"]
    page = await Page.open(stage.twin, "wang", page_in(push))
    await page.answer(right=True)
    stage.move(seconds=90)
    await stage.ticker.tick()
    assert (push.replaced, reminder.replaced) == ("已确认", "已确认")


async def test_after_three_days_a_code_is_forgotten(stage):
    await stage.push()
    assert len(await table_of(stage, card_codes)) == 1
    stage.move(hours=73)
    await stage.ticker.tick()
    assert await table_of(stage, card_codes) == []
