"""The officer's Mondays through the running house: the line on the phone, the word to the superior, on a moved clock."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from fakes.house import Person
from lianbot.domain.people import Role
from lianbot.flows.duties import NOT_FETCHED
from lianbot.officer.keyfile import new_keys
from lianbot.officer.weekly import attestation
from lianbot.phrases import duties as say
from lianbot.sealing.recipients import Recipients, write_recipients
from lianbot.storage.accounts import new_account
from lianbot.storage.tables import alerts

MONDAY = datetime(2026, 12, 7, 0, 31, tzinfo=UTC)
OFFICER, ABOVE = Person(account="jijian", name="纪检"), Person(account="shuji", name="书记")


@pytest.fixture
def keys():
    return new_keys("hq", "后勤纪检委员", 28)


def published(stage, keys) -> Recipients:
    return Recipients(
        log=stage.house.origin,
        salt=bytes(16),
        serial=1,
        day=datetime(2026, 11, 30, tzinfo=UTC).date(),
        offices=(keys.public,),
    )


@pytest.fixture
async def stage(staged, tmp_path: Path, keys):
    door = tmp_path / "the-door"
    (door / "out").mkdir(parents=True)
    async with staged([OFFICER, ABOVE], door_dir=door) as stage:
        text = write_recipients(published(stage, keys), SigningKey(b"\x05" * 32))
        (door / "out" / "recipients.json").write_text(text)
        for person, role in ((OFFICER, Role.OFFICER), (ABOVE, Role.REVIEWER)):
            account = new_account(f"k-{person.account}", person.name, frozenset({role}))
            now = stage.house.clock.now()
            await stage.house.accounts.add(account, "", None, now)
            await stage.house.accounts.name_person(
                account.id, f"LB-{person.account}", account.id, now
            )
        yield stage


def texts(stage, who: Person) -> list[str]:
    found = [str(one.content) for one in stage.twin.received(who.account)]
    return [text for text in found if "信箱" in text or "取信" in text]


async def week(stage, number: int) -> None:
    stage.move_to(MONDAY + timedelta(weeks=number))
    await stage.ticker.tick()
    await stage.ticker.tick()


async def open_alerts(stage) -> list[str]:
    async with stage.house.database.read() as connection:
        rows = await connection.execute(
            select(alerts.c.detail).where(alerts.c.kind == NOT_FETCHED)
        )
        return list(rows.scalars())


async def test_the_line_comes_every_monday_and_the_superior_hears_when_nobody_fetches(stage, keys):
    stage.move_to(MONDAY - timedelta(minutes=2))
    await stage.ticker.tick()
    assert texts(stage, OFFICER) == []
    await week(stage, 0)
    assert len(texts(stage, OFFICER)) == 1
    assert say.DIGEST in texts(stage, OFFICER)[0]
    await week(stage, 1)
    assert (len(texts(stage, OFFICER)), texts(stage, ABOVE)) == (2, [])
    # nobody has ever signed: more than seven days after the first week could be fetched
    await week(stage, 2)
    assert len(texts(stage, ABOVE)) == 1
    assert await open_alerts(stage) == [say.NEVER_FETCHED]
    # the signed word reaches the ledger, and the superior hears nothing more
    signed = attestation(keys, published(stage, keys), "2026W51")
    line = {
        "officer": keys.public.officer,
        "week": "2026-W51",
        "sig": base64.b64encode(signed).decode(),
    }
    await stage.house.shelf.put_attestation(json.dumps(line).encode())
    await week(stage, 3)
    assert (len(texts(stage, OFFICER)), len(texts(stage, ABOVE))) == (4, 1)
    assert len(set(texts(stage, OFFICER))) == 1
