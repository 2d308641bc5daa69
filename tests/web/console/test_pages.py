"""Every page opens for somebody who may see it."""

import pytest

from lianbot.domain.people import Role

PAGES = [
    (Role.SCHEDULER, "/"),
    (Role.SCHEDULER, "/campaigns"),
    (Role.SCHEDULER, "/campaigns/new"),
    (Role.SCHEDULER, "/roster"),
    (Role.SCHEDULER, "/roster/import"),
    (Role.REVIEWER, "/content"),
    (Role.REVIEWER, "/tasks"),
    (Role.REVIEWER, "/stats?by=team"),
    (Role.REVIEWER, "/stats?by=contractor"),
    (Role.REVIEWER, "/stats?by=post"),
    (Role.REVIEWER, "/stats?by=topic"),
    (Role.AUDITOR, "/ledger"),
    (Role.AUDITOR, "/audit"),
    (Role.SYSADMIN, "/accounts"),
    (Role.SYSADMIN, "/health"),
    (Role.LEAD, "/team"),
    (Role.CONTRACTOR, "/team"),
    (Role.OFFICER, "/self"),
]


@pytest.mark.parametrize(("role", "path"), PAGES)
async def test_a_page_opens_for_its_role(open_console, role, path):
    browser = await open_console(f"only-{role.value}")
    text = await browser.page(path)
    assert "</html>" in text


async def test_the_address_without_its_slash_leads_in(open_console):
    browser = await open_console()
    response = await browser.get("")
    assert (response.status, response.headers["Location"]) == (308, "/console/")
