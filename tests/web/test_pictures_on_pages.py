"""What a page shows and plays beside the text: the picture with its words, the voice, the slow one, a machine's marked as such."""

import hashlib

import pytest
from aiohttp import ClientSession
from sqlalchemy import select, update

from fakes.house import Person, page_in
from fakes.pages import Page
from lianbot.phrases import pages as say
from lianbot.storage.tables import editions

WANG = Person(account="wang", name="王芳")
PICTURE, VOICE, SLOW, AMR, WEB = b"png", b"mp3", b"slow", b"#!AMR\n", b"<html>"
FILES = {
    "media/a.png": PICTURE,
    "voice/a.mp3": VOICE,
    "voice/a-slow.mp3": SLOW,
    "voice/a.amr": AMR,
    "media/a.html": WEB,
}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
async def stage(staged):
    async with staged([WANG]) as stage:
        await stage.house.content.keep_media(
            {sha(data): (name, data) for name, data in FILES.items()}
        )
        await stage.push()
        yield stage


async def shown(stage, **meta: object) -> str:
    async with stage.house.database.write() as connection:
        rows = (await connection.execute(select(editions.c.sha256, editions.c.meta))).all()
        for row in rows:
            await connection.execute(
                update(editions)
                .where(editions.c.sha256 == row.sha256)
                .values(meta=row.meta | meta)
            )
    return (await Page.open(stage.twin, "wang", page_in(stage.twin.received("wang")[0]))).text


async def test_an_item_without_them_shows_none(stage):
    text = await shown(stage)
    assert "<img" not in text
    assert "<audio" not in text


async def test_the_picture_comes_with_its_words(stage):
    text = await shown(stage, picture=sha(PICTURE), picture_text="1. 空白单子不签。")
    assert f'src="/m/media/{sha(PICTURE)}"' in text
    assert "1. 空白单子不签。" in text


async def test_the_voice_and_the_slow_one_can_be_played(stage):
    text = await shown(stage, voice=sha(VOICE), slow_voice=sha(SLOW))
    assert say.LISTEN in text
    assert say.LISTEN_SLOW in text
    assert text.count("<audio") == 2


async def test_a_machines_voice_says_that_it_is_one(stage):
    text = await shown(stage, voice=sha(VOICE), synthetic=True)
    assert say.SYNTHETIC in text
    assert say.LISTEN not in text


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (PICTURE, 200, "image/png"),
        (VOICE, 200, "audio/mpeg"),
        (AMR, 404, ""),
        (WEB, 404, ""),
        (b"?", 404, ""),
    ],
)
async def test_only_pictures_and_what_plays_are_given_out(stage, data, status, kind):
    async with ClientSession() as client, client.get(f"{stage.base}/m/media/{sha(data)}") as got:
        assert got.status == status
        if status == 200:
            assert got.content_type == kind
            assert got.headers["X-Content-Type-Options"] == "nosniff"
