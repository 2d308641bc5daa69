"""Slips and posters: printed in order, read by a phone, used once; the database alone is worth nothing."""

import asyncio
import json
import shutil
import subprocess

import pytest
from sqlalchemy import func, select

from fakes.house import Person, text_of
from lianbot.bootstrap import bind_papers, posters_pdf, slips_pdf
from lianbot.domain.binding import grouped
from lianbot.domain.errors import InvalidInputError
from lianbot.ports.account import AccountRefusedError
from lianbot.storage.tables import bind_slips, bindings, posters
from lianbot.twin.accounts import AccountKind

LI = Person(account="li", wecom=False, official=True)
CROWD = [
    Person(account=f"new{n}", name=name, phone="13900008866", wecom=False)
    for n, name in enumerate(["王小芳", "李强", "买买提·艾力"])
]


@pytest.fixture
async def stage(staged):
    async with staged([LI, *CROWD]) as stage:
        yield stage


async def everybody(stage):
    return [one.id for one in await stage.house.people.workers() if one.number != "LB-li"]


def ticket_of(stage, address: str) -> str:
    start = address.rpartition("/")[2]
    return next(one for one in stage.twin.world.tickets if one.startswith(start))


async def test_a_printed_code_is_scanned_and_binds_its_worker(stage):
    papers = bind_papers(stage.house)
    made = await papers.slips(await everybody(stage), by=None)
    assert [one.worker.number for one in made] == ["LB-new0", "LB-new1", "LB-new2"]
    first = made[0]
    result = await stage.twin.subscribe("new0", ticket=ticket_of(stage, first.address))
    assert "您是王*芳，后厨班" in text_of(result.reply)
    assert "绑好了" in text_of((await stage.twin.type_text("new0", "是我", "official")).reply)
    again = await stage.twin.subscribe("new1", ticket=ticket_of(stage, first.address))
    assert "用过了" in text_of(again.reply)
    async with stage.house.database.read() as connection:
        rows = (await connection.execute(select(bind_slips))).all()
        assert not any(one.code in str(tuple(row)) for row in rows for one in made)
        held = await connection.execute(
            select(bindings.c.account).where(bindings.c.account == "onew0")
        )
        assert held.scalar_one() == "onew0"


async def test_the_sheet_holds_every_name_place_and_code(stage, tmp_path):
    papers = bind_papers(stage.house)
    made = await papers.slips(await everybody(stage), by=None)
    pdf = slips_pdf(made, stage.house.profiles)
    assert pdf.startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine")
    text = await asyncio.to_thread(_words, pdf, tmp_path)
    for one in made:
        assert one.worker.name in text and grouped(one.code) in text
    assert text.count("只能用一次") == 3


def _words(pdf: bytes, folder) -> str:
    (folder / "sheet.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", str(folder / "sheet.pdf"), "-"], capture_output=True, check=True
    )
    return done.stdout.decode()


async def test_a_poster_is_one_code_for_ever_and_names_its_team(stage):
    papers, teams = bind_papers(stage.house), await stage.house.people.teams()
    first = await papers.posters(teams, by=None)
    assert await papers.posters(teams, by=None) == first
    assert len(stage.twin.world.tickets) == 1
    assert posters_pdf(first).startswith(b"%PDF-")
    result = await stage.twin.subscribe("new2", ticket=ticket_of(stage, first[0].url))
    assert "后厨班新来的吧" in text_of(result.reply)


async def test_when_the_platform_gives_no_codes_nothing_is_changed(stage):
    papers = bind_papers(stage.house)
    await papers.slips(await everybody(stage), by=None)
    stage.twin.world.official.kind = AccountKind.SUBSCRIPTION_VERIFIED
    with pytest.raises(AccountRefusedError, match="48001"):
        await papers.slips(await everybody(stage), by=None)
    with pytest.raises(AccountRefusedError):
        await papers.posters(await stage.house.people.teams(), by=None)
    async with stage.house.database.read() as connection:
        void = select(func.count()).where(bind_slips.c.void_on.is_not(None))
        assert (await connection.execute(void)).scalar_one() == 0
        assert (await connection.execute(select(posters))).all() == []


async def test_nobody_is_no_sheet(stage):
    with pytest.raises(InvalidInputError, match="1 到"):
        await bind_papers(stage.house).slips([], by=None)


async def test_without_an_official_account_the_code_opens_our_page(staged):
    async with staged(CROWD) as stage:
        (one, *_) = await bind_papers(stage.house).slips(await everybody(stage), by=None)
        assert one.address == f"{stage.base}/m/bind/b{one.code}"


async def test_the_exported_ledger_verifies_with_bindings_and_their_ends(stage, tmp_path):
    house = stage.house
    (slip, *_) = await bind_papers(house).slips(await everybody(stage), by=None)
    await stage.twin.subscribe("new0", ticket=ticket_of(stage, slip.address))
    await stage.twin.type_text("new0", "是我", "official")
    await stage.twin.type_text("new0", "确认解绑", "official")
    report = await house.ledgering.export(tmp_path / "bundle")
    kinds = [
        entry["channel"]
        for entry in map(json.loads, (tmp_path / "bundle/entries.jsonl").read_text().splitlines())
        if entry["type"] == "bind"
    ]
    assert kinds[-2:] == ["official", "none"] and report.size >= 2
