"""Callbacks over real HTTP with the real WeCom channel: forged, broken, dropped, late and repeated ones."""

import asyncio
import logging
import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from fakes.house import Person
from fakes.platform_calls import Caller
from lianbot.phrases import replies
from lianbot.phrases.binding import HOW_TO
from lianbot.storage.tables import acknowledgements, metadata
from lianbot.twin.phones import Channel
from lianbot.web import callbacks

WANG, LI = Person(account="wang", name="王芳"), Person(account="li", name="李强")


@pytest.fixture
async def stage(staged):
    async with staged([WANG, LI]) as stage:
        yield stage


@pytest.fixture
def caller(stage) -> Caller:
    return Caller(stage.twin, stage.base)


async def counted(caller: Caller) -> dict[str, float]:
    """kind → how many callbacks /metrics has counted."""
    page = (await caller.get("/metrics")).text
    found = re.findall(r'lianbot_callbacks_total\{channel="wecom",kind="(\w+)"\} (\S+)', page)
    return {kind: float(value) for kind, value in found}


async def everything(stage) -> dict[str, int]:
    """Rows in every table."""
    async with stage.house.database.read() as connection:
        return {
            table.name: (
                await connection.execute(select(func.count()).select_from(table))
            ).scalar_one()
            for table in metadata.sorted_tables
        }


async def test_the_platforms_address_check_passes(stage):
    assert (await stage.twin.pushes.verify(Channel.WECOM))["ok"]


@pytest.mark.parametrize("spoiled", ["msg_signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "1", None])
async def test_a_forged_callback_is_403_and_only_counted(stage, caller, spoiled, value):
    before, rows = await counted(caller), await everything(stage)
    query, body = caller.sealed(caller.text("wang", "懂了"))
    query = {name: text for name, text in query.items() if name != spoiled}
    if value is not None:
        query[spoiled] = value
    answered = await caller.post(query, body)
    assert (answered.status, answered.body) == (403, b"")
    assert await everything(stage) == rows
    assert (await counted(caller))["forged"] == before.get("forged", 0) + 1


async def test_a_signature_of_twenty_minutes_ago_is_forged(stage, caller):
    query, body = caller.sealed(caller.text("wang", "帮助"))
    stage.move(minutes=20)
    assert (await caller.post(query, body)).status == 403


BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "%s">%s]><xml><Encrypt>&h;</Encrypt></xml>"""
    % (
        b"z" * 64,
        b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(7)),
    )
)


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("empty", b""),
        ("not xml", b"hello"),
        ("cut off", b"<xml><Encrypt><![CDATA[abc"),
        ("empty xml", b"<xml></xml>"),
        ("a JSON body", b'{"Encrypt": "abc"}'),
        ("an entity bomb", BOMB),
        ("no UTF-8", b"<xml><Encrypt>\xff\xfe</Encrypt></xml>"),
        ("nested", b"<xml>" * 5000 + b"</xml>" * 5000),
        ("an external entity", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><Encrypt>a</Encrypt></xml>'),
        ("too large", b"<xml><Encrypt>" + b"A" * 300_000 + b"</Encrypt></xml>"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_a_broken_body_is_a_4xx_and_leaves_nothing(stage, caller, label, body):
    rows = await everything(stage)
    query, _ = caller.sealed(caller.text("wang", "帮助"))
    answered = await caller.post(query, body)
    assert 400 <= answered.status < 500, label
    assert await everything(stage) == rows


@pytest.mark.parametrize("inside", ["", "hello", "<xml></xml>", "<xml><MsgType>text</MsgType>"])
async def test_garbage_that_is_sealed_and_signed_is_400(caller, inside):
    assert (await caller.push(inside)).status == 400


async def test_a_channel_without_credentials_is_404(caller):
    assert (await caller.post({}, b"", channel="official")).status == 404


@pytest.mark.parametrize("name", ["view", "enter_agent", "LOCATION", "view_miniprogram"])
async def test_who_opens_what_leaves_no_row_no_count_and_no_line(stage, caller, caplog, name):
    before, rows = await counted(caller), await everything(stage)
    with caplog.at_level(logging.DEBUG):
        more = "<EventKey><![CDATA[https://lj.example/m/]]></EventKey>"
        answered = await caller.push(caller.event("wang", name, more))
    assert (answered.status, answered.body) == (200, b"")
    assert await counted(caller) == before
    assert await everything(stage) == rows
    assert "wang" not in caplog.text
    assert "lj.example" not in caplog.text


async def test_a_question_is_answered_and_leaves_nothing_in_the_database(stage, caller):
    rows = await everything(stage)
    answered = await caller.push(caller.text("wang", "供货商塞了两条烟咋办"))
    assert "不收，当面退" in answered.text
    assert await everything(stage) == rows


async def test_somebody_unknown_is_told_how_to_be_known(caller):
    assert (await caller.push(caller.text("nobody", "懂了"))).text.startswith(HOW_TO)


async def test_a_repeat_gets_the_same_answer_and_changes_nothing(stage, caller):
    await stage.push()
    xml = caller.text("wang", "懂了", msgid="77")
    first = await caller.push(xml)
    rows = await everything(stage)
    again = await caller.push(xml)
    assert replies.THANKS["understood"] in first.text
    assert again.text == first.text
    assert await everything(stage) == rows


async def test_two_copies_at_once_make_one_acknowledgement(stage, caller):
    await stage.push()
    xml = caller.text("wang", "懂了", msgid="78")
    answers = await asyncio.gather(*(caller.push(xml) for _ in range(5)))
    assert len({one.text for one in answers}) == 1
    async with stage.house.database.read() as connection:
        kept = (await connection.execute(select(acknowledgements.c.seq))).all()
    assert len(kept) == 1


async def test_no_commit_in_time_is_an_empty_200_and_the_repeat_finds_the_effect(
    stage, caller, monkeypatch
):
    await stage.push()
    monkeypatch.setattr(callbacks, "ANSWER_WITHIN", 0.05)
    xml = caller.text("wang", "懂了", msgid="79")
    async with stage.house.database.write():
        late = await caller.push(xml)
    assert (late.status, late.body) == (200, b"")
    monkeypatch.undo()
    assert replies.THANKS["understood"] in (await caller.push(xml)).text
    async with stage.house.database.read() as connection:
        kept = (await connection.execute(select(acknowledgements.c.seq))).all()
    assert len(kept) == 1


async def test_a_commit_that_fails_asks_for_another_try_and_never_thanks(
    stage, caller, monkeypatch
):
    await stage.push()

    def full(*_args: object, **_more: object) -> None:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    monkeypatch.setattr(stage.house.database, "transact", full)
    answered = await caller.push(caller.text("wang", "懂了"))
    assert (answered.status, answered.text) == (200, replies.NOT_KEPT)


async def test_a_tap_that_could_not_be_kept_leaves_the_card_as_it_is(stage, monkeypatch):
    await stage.push()

    def full(*_args: object, **_more: object) -> None:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    monkeypatch.setattr(stage.house.database, "transact", full)
    card = stage.twin.received("wang")[0]
    result = await stage.twin.tap("wang", card.id, "understood")
    assert (result.ok, card.replaced) == (True, "")
