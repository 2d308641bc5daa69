"""The reviewer's line through the running house: it comes, its link opens the list, and a decided list is silent."""

from datetime import UTC, datetime

from fakes.house import Person
from fakes.pages import Page
from lianbot.domain.codes import ItemType, Topic
from lianbot.phrases import duties as say
from lianbot.storage.content import Publication

SHU = Person(account="shu", name="书记")
SHA = "7" * 64
NIGHT = datetime(2026, 12, 7, 15, 7, tzinfo=UTC)
READABLE = datetime(2026, 12, 8, 6, 7, tzinfo=UTC)
"""14:07 at the school, inside the cook's window."""


def lines(stage) -> list[str]:
    found = [str(one.content) for one in stage.twin.received("shu")]
    return [text for text in found if "等您审批" in text]


async def test_the_line_comes_in_the_window_and_its_link_opens_the_list(staged):
    async with staged([SHU]) as stage:
        house, cast = stage.house, stage.cast
        now = house.clock.now()
        await house.accounts.name_person(cast.reviewer.id, "LB-shu", cast.author.id, now)
        lesson = Publication(
            sha256=SHA,
            body=b"{}",
            item="LSN-COOK-907",
            type=ItemType.LESSON,
            title="先过秤再签字",
            topic=Topic.BLANK_SIGN,
            meta={"text": "先过秤，再签字。", "author": "内容编写组"},
        )
        await house.content.publish([lesson], cast.author.id, now)
        stage.move_to(NIGHT)
        await stage.ticker.tick()
        assert lines(stage) == []
        stage.move_to(READABLE)
        await stage.ticker.tick()
        await stage.ticker.tick()
        (line,) = lines(stage)
        url = f"{house.settings.public_url.rstrip('/')}/m/approve"
        assert say.something_waits(url) in line
        page = await Page.open(stage.twin, "shu", f"{stage.base}/m/approve")
        assert "先过秤再签字" in page.text
        await house.content.adopt([SHA], cast.reviewer.id, house.clock.now(), "")
        stage.move_to(READABLE.replace(day=9))
        await stage.ticker.tick()
        assert len(lines(stage)) == 1
