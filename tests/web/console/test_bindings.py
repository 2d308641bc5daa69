"""绑定 in the console: newcomers confirmed by the scheduler, slips printed, bindings ended; no account is shown."""

import re
from uuid import uuid4

import pytest

from lianbot.domain.binding import Newcomer
from lianbot.domain.calendar import local
from lianbot.domain.people import ChannelKind
from lianbot.phrases import binding as say

ACCOUNT = "oSecretOpenid"


async def newcomer(house, name: str = "王小芳") -> Newcomer:
    team = (await house.people.teams())[0]
    one = Newcomer(
        id=uuid4(),
        channel=ChannelKind.OFFICIAL,
        account=ACCOUNT,
        team_id=team.id,
        team=team.name,
        post=next(iter(house.profiles)),
        name=name,
        opened_on=local(house.clock.now()).date(),
    )
    await house.binds.add_newcomer(one)
    return one


async def unbound(house) -> str:
    bound = await house.people.bound()
    people = await house.people.workers()
    return next(one.number for one in people if ChannelKind.OFFICIAL not in bound.get(one.id, ()))


async def test_a_newcomer_is_confirmed_by_number_and_bound(open_console, house):
    one, number = await newcomer(house), await unbound(house)
    browser = await open_console("only-scheduler")
    page = await (await browser.get("/bindings")).text()
    assert "王小芳" in page and ACCOUNT not in page
    done = await browser.post(f"/newcomers/{one.id}/accept", {"number": number})
    assert done.headers["Location"] == "/console/bindings?said=accepted"
    await house.directory.refresh()
    assert house.directory.who(ChannelKind.OFFICIAL, ACCOUNT) is not None
    again = await browser.post(f"/newcomers/{one.id}/accept", {"number": number})
    assert again.status == 404


async def test_a_number_that_is_not_on_the_roster_is_named_and_the_newcomer_waits(
    open_console, house
):
    one = await newcomer(house)
    browser = await open_console("only-scheduler")
    response = await browser.post(f"/newcomers/{one.id}/accept", {"number": "LB999999"})
    assert response.status == 400 and "LB999999" in await response.text()
    assert len(await house.bind_desk.newcomers()) == 1


async def test_a_record_with_another_account_is_refused_in_words(open_console, house):
    one, number = await newcomer(house), await unbound(house)
    worker = next(each for each in await house.people.workers() if each.number == number)
    await house.binds.bind(
        ChannelKind.OFFICIAL, "oOther", worker.id, slip_id=None, now=house.clock.now()
    )
    browser = await open_console("only-scheduler")
    response = await browser.post(f"/newcomers/{one.id}/accept", {"number": number})
    assert response.status == 400 and "已经绑了别的微信" in await response.text()
    assert len(await house.bind_desk.newcomers()) == 1


async def test_a_refused_newcomer_is_gone(open_console, house):
    one = await newcomer(house)
    browser = await open_console("only-scheduler")
    done = await browser.post(f"/newcomers/{one.id}/refuse")
    assert done.headers["Location"] == "/console/bindings?said=refused"
    assert await house.bind_desk.newcomers() == []


async def test_the_one_of_the_same_name_in_the_team_is_offered(open_console, house):
    bound = await house.people.bound()
    teams = {one.id: one for one in await house.people.teams()}
    worker = next(
        one
        for one in await house.people.workers(team_id=min(teams))
        if ChannelKind.OFFICIAL not in bound.get(one.id, ())
    )
    await newcomer(house, worker.name)
    browser = await open_console("only-scheduler")
    assert f'value="{worker.number}"' in await (await browser.get("/bindings")).text()


async def test_slips_and_posters_come_as_pdf(open_console, house):
    team = (await house.people.teams())[0]
    browser = await open_console("only-scheduler")
    form = {"team": team.id, "again": "yes", "contractor": ""}
    slips = await browser.post("/bindings/slips.pdf", form)
    assert slips.content_type == "application/pdf" and (await slips.read()).startswith(b"%PDF-")
    posters = await browser.post("/bindings/posters.pdf", {"team": team.id})
    assert (await posters.read()).startswith(b"%PDF-")


async def test_nobody_to_print_for_is_said(open_console, house):
    browser = await open_console("only-scheduler")
    response = await browser.post(
        "/bindings/slips.pdf", {"team": "99999", "again": "", "contractor": ""}
    )
    assert response.status == 400 and say.SLIP_TITLE in await response.text()


async def test_a_binding_is_ended_by_its_row(open_console, house):
    browser = await open_console("only-scheduler")
    page = await (await browser.get("/bindings")).text()
    (first, *_) = re.findall(r"/console/bindings/(\d+)/end", page)
    before = len(await house.bind_desk.bound_accounts())
    done = await browser.post(f"/bindings/{first}/end")
    assert done.headers["Location"] == "/console/bindings?said=unbound"
    assert len(await house.bind_desk.bound_accounts()) == before - 1
    assert (await browser.post(f"/bindings/{first}/end")).status == 404


async def test_an_auditor_reads_and_changes_nothing(open_console, house):
    one = await newcomer(house)
    browser = await open_console("only-auditor")
    page = await (await browser.get("/bindings")).text()
    assert "解绑" not in page and "拒绝</button>" not in page and ACCOUNT not in page
    assert (await browser.post(f"/newcomers/{one.id}/accept", {"number": "x"})).status == 403


@pytest.mark.parametrize("words", ["", "王", "没有这个人", "<script>"])
async def test_the_list_is_searched(open_console, house, words):
    browser = await open_console("only-scheduler")
    response = await browser.get(f"/bindings?words={words}")
    assert response.status == 200 and "<script>alert" not in await response.text()
