"""Who may do what: every route asked by every role, against a table written here from design §8."""

import dataclasses
import uuid

import pytest

from lianbot.domain.people import Role
from lianbot.storage.accounts import new_account
from lianbot.web.console.rights import RIGHTS, conflict

E, R, S, L, C, D, A, X = (
    Role.EDITOR,
    Role.REVIEWER,
    Role.SCHEDULER,
    Role.LEAD,
    Role.CONTRACTOR,
    Role.OFFICER,
    Role.AUDITOR,
    Role.SYSADMIN,
)
ALL = {E, R, S, L, C, D, A, X}
ALLOWED = {
    "signout": ALL,
    "self": ALL,
    "self.password": ALL,
    "self.totp": ALL,
    "overview": ALL,
    "roster": {S, A},
    "roster.client": {S},
    "roster.export": {S, A},
    "roster.intake": {S},
    "roster.upload": {S},
    "roster.bench": {S},
    "roster.decide": {S},
    "roster.result": {S},
    "bindings": {S, A},
    "binding.slips": {S},
    "binding.posters": {S},
    "binding.end": {S},
    "newcomer.accept": {S},
    "newcomer.refuse": {S},
    "content": {E, R, S, D, A},
    "edition": {E, R, S, D, A},
    "edition.media": {E, R, S, D, A},
    "edition.adopt": {R},
    "campaigns": {E, R, S, A},
    "campaign.new": {E, S},
    "campaign.create": {E, S},
    "campaign": {E, R, S, A},
    "campaign.approve": {R},
    "campaign.pause": {S},
    "campaign.resume": {S},
    "campaign.stop": {S},
    "terms": {E, R, S, A},
    "term.create": {E, S},
    "term": {E, R, S, A},
    "term.approve": {R},
    "term.week": {E, S},
    "ahead": {E, R, S, A},
    "burden": {E, R, S, A},
    "push": {E, R, S, A},
    "push.live": {E, R, S, A},
    "push.rows": {S, A},
    "push.add": {S},
    "push.correct": {E, S},
    "push.unknown": {S},
    "push.recall": {S},
    "change.approve": {R},
    "change.decline": {R},
    "alert.close": {S, X},
    "stats": {E, R, S, D, A},
    "stats.export": {E, R, S, D, A},
    "ledger": {R, S, D, A},
    "ledger.checkpoint": {S, A},
    "ledger.export": {A},
    "ledger.verify": {R, A},
    "tasks": {R, S, A},
    "task.close": {R, S},
    "task.rectify": {R},
    "rectifications": {E, R, S, D, A},
    "rectifications.export": {E, R, S, D, A},
    "rectification.add": {R, D},
    "rectification": {E, R, S, D, A},
    "rectification.charge": {R, D},
    "rectification.done": {E, R, S, D},
    "rectification.close": {R, D},
    "rectification.back": {R, D},
    "rectification.reopen": {R, D},
    "rectification.drop": {R, D},
    "proposals": {E, R},
    "proposal.close": {E, R},
    "letters": {D},
    "letters.put": {D},
    "letters.take": {D},
    "letters.propose": {D},
    "team": {L, C},
    "team.names": {L, C},
    "team.close": {L},
    "audit": {A},
    "accounts": {X},
    "account.add": {X},
    "account.password": {X},
    "account.disable": {X},
    "account.totp": {X},
    "account.person": {X},
    "health": {S, A, X},
    "stop_all": {S, X},
}
GUARDED = [right for right in RIGHTS if not right.open_to_all]


def address(right):
    made = {"id": str(uuid.UUID(int=1)), "sha": "0" * 64, "media": "1" * 64, "bench": "none"}
    made["name"] = "sealed.bin"
    numbered = ("/alerts/", "/tasks/", "/rectifications/", "/proposals/")
    if any(one in right.path for one in numbered):
        made["id"] = "987654"
    return right.path.format(**made)


def test_the_table_here_names_every_guarded_route():
    assert {right.name for right in GUARDED} == set(ALLOWED)


@pytest.mark.parametrize("role", sorted(ALL))
async def test_a_role_gets_what_it_may_and_403_for_the_rest(open_console, role):
    browser = await open_console(f"only-{role.value}")
    found = {}
    for right in sorted(GUARDED, key=lambda one: one.name == "signout"):
        path = address(right)
        response = await (browser.get(path) if right.method == "GET" else browser.post(path))
        assert response.status < 500, (right.name, response.status)
        found[right.name] = response.status != 403
    assert found == {name: role in roles for name, roles in ALLOWED.items()}


async def test_nobody_gets_in_without_a_session(open_console):
    browser = await open_console()
    for right in GUARDED:
        path = address(right)
        response = await (browser.get(path) if right.method == "GET" else browser.post(path))
        assert (response.status, response.headers["Location"]) == (303, "/console/signin"), (
            right.name
        )


async def test_a_system_administrator_cannot_approve_whatever_else_the_account_holds(
    open_console, house
):
    both = new_account("both", "两个角色", frozenset({X, R}))
    await house.accounts.add(both, "", None, house.clock.now())
    browser = await open_console("both")
    response = await browser.post(f"/campaigns/{uuid.UUID(int=1)}/approve")
    assert response.status == 403


@pytest.mark.parametrize("other", [R, D, L, C])
def test_the_one_who_makes_accounts_may_not_hold_duties_of_others(other):
    assert conflict(frozenset({X, other})) == (X, other)


def test_two_people_can_run_a_school():
    assert conflict(frozenset({E, S})) is None
    assert conflict(frozenset({R, D})) is None


async def test_a_session_of_a_disabled_account_ends_at_once(open_console, house):
    browser = await open_console("only-scheduler")
    account = await house.accounts.by_name("only-scheduler")
    await house.accounts.disable(account.id, True, account.id, house.clock.now())
    response = await browser.get("/campaigns")
    assert response.headers["Location"] == "/console/signin"


async def test_a_lead_without_a_team_sees_no_team(open_console, house):
    stray = new_account("stray", "没有班组的班组长", frozenset({L}))
    await house.accounts.add(stray, "", None, house.clock.now())
    browser = await open_console("stray")
    assert (await browser.get("/team")).status == 403


async def test_a_lead_sees_only_the_own_team(open_console, house, somebody):
    teams = await house.people.teams()
    own = next(one for one in teams if one.id == somebody[L].team_id)
    browser = await open_console("only-lead")
    text = await browser.page("/team")
    assert own.name in text
    assert not any(one.name in text for one in teams if one.id != own.id)


async def test_a_contractor_sees_only_teams_of_the_own_company(open_console, house, somebody):
    teams = await house.people.teams()
    browser = await open_console("only-contractor")
    text = await browser.page("/team")
    for one in teams:
        assert (one.name in text) == (one.contractor_id == somebody[C].contractor_id)


def test_a_right_needs_one_role_and_none_that_is_barred():
    right = dataclasses.replace(GUARDED[0], roles=frozenset({R}), barred=frozenset({X}))
    assert right.allows(new_account("a", "a", frozenset({R})))
    assert not right.allows(new_account("b", "b", frozenset({R, X})))
