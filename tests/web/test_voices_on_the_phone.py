"""录音 on the phone: an editor's own account only, a new edition each time, nothing played before approval."""

import pytest
from aiohttp import ClientSession, FormData

from fakes.house import Person
from fakes.pages import Page
from fakes.sounds import spoken
from lianbot.domain.items import EditionState
from lianbot.phrases import pages
from lianbot.phrases import voices as say

WANG, BIAN = Person(account="wang", name="王芳"), Person(account="bian", name="编辑")
ITEM = "LSN-COOK-001"


@pytest.fixture
async def stage(staged):
    async with staged([WANG, BIAN]) as stage:
        now = stage.house.clock.now()
        await stage.house.accounts.name_person(
            stage.cast.author.id, "LB-bian", stage.cast.reviewer.id, now
        )
        yield stage


async def visit(stage, account: str, path: str) -> Page:
    return await Page.open(stage.twin, account, f"{stage.base}{path}")


async def standing(stage):
    return (await stage.house.content.current([ITEM]))[ITEM]


async def hand_in(stage, page: Page, sha: str, data: bytes, **fields: str) -> tuple[int, str]:
    form = FormData()
    for name, value in ({"t": page.token} | fields).items():
        form.add_field(name, value)
    form.add_field("voice", data, filename="手机.wav", content_type="audio/wav")
    async with (
        ClientSession() as client,
        client.post(f"{stage.base}/m/voice/{sha}", data=form) as got,
    ):
        return got.status, await got.text()


async def waiting(stage):
    everything = await stage.house.content.all()
    return [one for one in everything if one.edition.state is EditionState.AWAITING]


async def test_the_scripts_are_for_editors_only(stage):
    assert ITEM in (await visit(stage, "bian", "/m/voice")).text
    stranger = await visit(stage, "wang", "/m/voice")
    assert ITEM not in stranger.text
    assert say.NOT_AN_EDITOR in stranger.text


async def test_the_own_record_leads_an_editor_there_and_nobody_else(stage):
    assert "/m/voice" in (await visit(stage, "bian", "/m/me")).text
    assert "/m/voice" not in (await visit(stage, "wang", "/m/me")).text


async def test_a_recording_is_a_new_edition_that_awaits_another_person(stage):
    before = await standing(stage)
    page = await visit(stage, "bian", f"/m/voice/{before.sha256}")
    status, text = await hand_in(stage, page, before.sha256, spoken(2))
    assert (status, say.kept(2) in text) == (200, True)
    assert (await standing(stage)).voice == ""
    (made,) = await waiting(stage)
    assert made.edition.item == ITEM
    assert made.edition.sha256 != before.sha256
    assert made.edition.text == before.text
    assert not made.edition.material
    assert made.published_by == stage.cast.author.id
    names = [name for _, name in await stage.house.content.media_of(made.edition.sha256)]
    assert [name for name in names if name.startswith("voice/")] == [
        f"voice/{ITEM}.mp3",
        f"voice/{ITEM}.amr",
    ]
    await stage.house.content.adopt(
        [made.edition.sha256], stage.cast.reviewer.id, stage.house.clock.now(), ""
    )
    assert (await standing(stage)).voice != ""


async def test_a_slow_reading_joins_the_usual_one_and_not_before_it(stage):
    before = await standing(stage)
    page = await visit(stage, "bian", f"/m/voice/{before.sha256}")
    status, text = await hand_in(stage, page, before.sha256, spoken(1), slow="1")
    assert (status, "先录平常速度" in text) == (422, True)
    await hand_in(stage, page, before.sha256, spoken(1))
    (usual,) = await waiting(stage)
    sha = usual.edition.sha256
    page = await visit(stage, "bian", f"/m/voice/{sha}")
    assert (await hand_in(stage, page, sha, spoken(2), slow="1"))[0] == 200
    both = next(one for one in await waiting(stage) if one.edition.slow_voice)
    assert both.edition.voice == usual.edition.voice
    assert len(await stage.house.content.media_of(both.edition.sha256)) == 4


@pytest.mark.parametrize(("data", "said"), [(b"junk", "认不出"), (spoken(62), "62 秒")])
async def test_what_cannot_be_used_is_refused_on_the_page_and_keeps_nothing(stage, data, said):
    sha = (await standing(stage)).sha256
    page = await visit(stage, "bian", f"/m/voice/{sha}")
    status, text = await hand_in(stage, page, sha, data)
    assert (status, said in text) == (422, True)
    assert await waiting(stage) == []


async def test_without_the_pages_token_nothing_is_read(stage):
    sha = (await standing(stage)).sha256
    page = await visit(stage, "bian", f"/m/voice/{sha}")
    assert await hand_in(stage, page, sha, spoken(1), t="forged") == (403, pages.PAGE_TOO_OLD)
    stage.move(hours=12, seconds=1)
    assert (await hand_in(stage, page, sha, spoken(1)))[0] == 403
    assert await waiting(stage) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"x"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n"),
        ("multipart/form-data; boundary=b", b"--b--\r\n"),
    ],
)
async def test_a_broken_form_is_no_fault_of_ours(stage, kind, body):
    sha = (await standing(stage)).sha256
    async with (
        ClientSession() as client,
        client.post(
            f"{stage.base}/m/voice/{sha}", data=body, headers={"Content-Type": kind}
        ) as got,
    ):
        assert 400 <= got.status < 500
