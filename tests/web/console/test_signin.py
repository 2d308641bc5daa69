"""Signing in: passwords, second factor, throttling, forged requests, headers, the demo's switcher."""

import dataclasses
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from aiohttp import web

from lianbot.web.console import ConsoleParts, add_console
from lianbot.web.console.throttle import ALTOGETHER, MOST_NAMES, PER_NAME, Throttle

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)


async def test_the_right_password_opens_a_session(open_console):
    browser = await open_console()
    response = await browser.sign_in("only-reviewer")
    assert (response.status, response.headers["Location"]) == (303, "/console/")
    assert "只是reviewer" in await browser.page("/campaigns")


async def test_the_cookie_is_held_to_the_console_and_hidden_from_scripts(open_console):
    browser = await open_console()
    response = await browser.sign_in("only-reviewer")
    cookie = response.cookies["lianbot_console"]
    assert cookie["path"] == "/console"
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Strict"


async def test_over_https_the_cookie_is_secure(open_console):
    browser = await open_console(secure=True)
    page = await (await browser.get("/signin")).text()
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    data = {"csrf": token, "name": "only-reviewer", "password": "一句自己记得住的话 2026"}
    # the client keeps no Secure cookie over http, so the entry cookie is sent by hand
    response = await browser.post("/signin", data, cookies={"lianbot_entry": token})
    assert response.cookies["__Secure-lianbot"]["secure"] is True


@pytest.mark.parametrize("name", ["only-reviewer", "nobody-of-that-name"])
async def test_a_wrong_password_and_a_wrong_name_get_the_same_answer(open_console, name):
    browser = await open_console()
    response = await browser.sign_in(name, "wrong password")
    text = re.sub(r'value="[^"]*"', "", await response.text())
    assert response.status == 401
    assert "账号、密码或动态码不对" in text
    assert name not in text


async def test_five_failures_make_the_sixth_wait_whether_the_name_exists_or_not(open_console):
    for name in ("only-reviewer", "nobody-of-that-name"):
        browser = await open_console()
        statuses = [(await browser.sign_in(name, "wrong")).status for _ in range(6)]
        assert statuses == [401] * 5 + [429]


async def test_the_right_password_does_not_help_while_the_name_has_to_wait(open_console):
    browser = await open_console()
    for _ in range(5):
        await browser.sign_in("only-reviewer", "wrong")
    assert (await browser.sign_in("only-reviewer")).status == 429


def test_names_are_forgotten_after_their_time():
    throttle = Throttle()
    for _ in range(PER_NAME):
        throttle.failed("a", NOW)
    assert throttle.blocked("a", NOW)
    assert not throttle.blocked("a", NOW + timedelta(minutes=11))


def test_many_names_together_are_held_by_the_limit_for_all():
    throttle = Throttle()
    for n in range(ALTOGETHER):
        throttle.failed(f"name-{n}", NOW)
    assert throttle.blocked("somebody new", NOW)
    assert not throttle.blocked("somebody new", NOW + timedelta(minutes=2))


def test_a_flood_of_names_does_not_fill_the_memory():
    throttle = Throttle()
    for n in range(MOST_NAMES + 500):
        throttle.failed(f"name-{n}", NOW + timedelta(seconds=n))
    assert len(throttle._by_name) == MOST_NAMES


async def enrolled(house, name="only-reviewer"):
    secret = pyotp.random_base32()
    account = await house.accounts.by_name(name)
    await house.accounts.change_totp(account.id, secret, account.id, house.clock.now())
    return pyotp.TOTP(secret)


async def test_an_enrolled_account_needs_the_code(open_console, house):
    totp = await enrolled(house)
    browser = await open_console()
    assert (await browser.sign_in("only-reviewer")).status == 401
    code = totp.at(house.clock.now())
    assert (await browser.sign_in("only-reviewer", code=code)).status == 303


async def test_a_code_works_once(open_console, house):
    totp = await enrolled(house)
    code = totp.at(house.clock.now())
    first, second = await open_console(), await open_console()
    assert (await first.sign_in("only-reviewer", code=code)).status == 303
    assert (await second.sign_in("only-reviewer", code=code)).status == 401


async def test_enrolling_keeps_the_secret_only_when_the_phone_shows_its_code(open_console, house):
    browser = await open_console()
    await browser.sign_in("only-reviewer")
    page = await browser.page("/self")
    assert "<svg" in page
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)[1]
    data = {"secret": secret, "password": "一句自己记得住的话 2026", "fresh_code": "000000"}
    assert (await browser.post("/self/totp", data)).status == 400
    data["fresh_code"] = pyotp.TOTP(secret).at(house.clock.now())
    assert (await browser.post("/self/totp", data)).status == 303
    assert (await house.accounts.credentials("only-reviewer")).totp_secret == secret


async def test_enrolling_needs_the_password(open_console, house):
    browser = await open_console("only-reviewer")
    secret = pyotp.random_base32()
    data = {
        "secret": secret,
        "password": "not mine",
        "fresh_code": pyotp.TOTP(secret).at(house.clock.now()),
    }
    assert (await browser.post("/self/totp", data)).status == 400
    assert (await house.accounts.credentials("only-reviewer")).totp_secret is None


async def test_a_new_password_ends_every_session(open_console, house):
    browser, other = await open_console("only-editor"), await open_console("only-editor")
    data = {
        "password": "一句自己记得住的话 2026",
        "fresh": "另一句更长的话也记得住",
        "again": "另一句更长的话也记得住",
    }
    assert (await browser.post("/self/password", data)).status == 303
    assert (await other.get("/campaigns")).headers["Location"] == "/console/signin"
    fresh = await open_console()
    assert (await fresh.sign_in("only-editor", "另一句更长的话也记得住")).status == 303


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "my-only-editor-pass"])
async def test_a_weak_password_is_refused_with_the_reason(open_console, weak):
    browser = await open_console("only-editor")
    data = {"password": "一句自己记得住的话 2026", "fresh": weak, "again": weak}
    response = await browser.post("/self/password", data)
    assert response.status == 400
    assert "密码" in await response.text()


async def test_where_it_is_required_nobody_gets_past_the_enrolment(open_console):
    browser = await open_console("only-reviewer", totp_required=True)
    response = await browser.get("/campaigns")
    assert (response.status, response.headers["Location"]) == (303, "/console/self")


async def test_signing_out_ends_the_session_on_the_server(open_console, house):
    browser = await open_console()
    await browser.sign_in("only-reviewer")
    jar = {one.key: one.value for one in browser.client.session.cookie_jar}
    await browser.post("/signout")
    assert await house.accounts.session(jar["lianbot_console"], house.clock.now()) is None


# ---- forged requests -----------------------------------------------------------------------------------------


async def test_a_change_without_the_token_is_refused(open_console, house):
    browser = await open_console("only-scheduler")
    browser.csrf = ""
    assert (await browser.post("/health/stop-all", {"on": "yes"})).status == 403
    assert not await house.switches.stopped()


async def test_a_token_of_another_session_is_refused(open_console):
    mine, other = await open_console("only-scheduler"), await open_console("only-sysadmin")
    mine.csrf = other.csrf
    assert (await mine.post("/health/stop-all", {"on": "yes"})).status == 403


async def test_the_token_may_come_in_the_header_as_htmx_sends_it(open_console, house):
    browser = await open_console("only-scheduler")
    token, browser.csrf = browser.csrf, ""
    headers = {"X-CSRF-Token": token}
    assert (await browser.post("/health/stop-all", {"on": "yes"}, headers=headers)).status == 303
    assert await house.switches.stopped()


async def test_a_request_from_another_site_is_refused_even_with_the_token(open_console):
    browser = await open_console("only-scheduler")
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = await browser.post("/health/stop-all", {"on": "yes"}, headers=headers)
    assert response.status == 403


async def test_signing_in_needs_the_entry_token_too(open_console):
    browser = await open_console()
    data = {"name": "only-reviewer", "password": "一句自己记得住的话 2026"}
    assert (await browser.post("/signin", data)).status == 403


async def test_a_body_that_is_no_form_is_a_4xx(open_console):
    browser = await open_console("only-scheduler")
    response = await browser.client.post(
        "/console/campaigns/new",
        data=b"\xff\xfe garbage",
        headers={"Content-Type": "multipart/form-data"},
    )
    assert 400 <= response.status < 500


async def test_a_form_that_is_too_large_is_a_4xx(open_console):
    browser = await open_console("only-scheduler")
    response = await browser.post("/campaigns/new", {"title": "x" * 400_000})
    assert response.status == 413


# ---- headers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/signin", "/static/console.css", "/nothing-here", "/campaigns"])
async def test_every_answer_carries_the_policy(open_console, path):
    browser = await open_console("only-reviewer")
    headers = (await browser.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


async def test_no_page_holds_a_script_or_style_of_its_own(open_console):
    browser = await open_console("only-scheduler")
    for path in ("/", "/campaigns/new", "/stats", "/roster", "/self"):
        text = await browser.page(path)
        assert " style=" not in text
        assert "<style" not in text
        assert not re.search(r"\son[a-z]+=", text)
        scripts = re.findall(r"<script[^>]*>", text)
        assert all("src=" in one or "application/json" in one for one in scripts)


async def test_in_the_demo_the_given_origin_may_frame_the_pages(open_console):
    browser = await open_console(demo=True, frame_ancestors="http://127.0.0.1:9")
    headers = (await browser.get("/signin")).headers
    assert "frame-ancestors http://127.0.0.1:9" in headers["Content-Security-Policy"]


# ---- the demo ------------------------------------------------------------------------------------------------


async def test_the_role_switcher_does_not_exist_outside_the_demo(open_console, house):
    browser = await open_console()
    await browser.page("/signin")
    assert (await browser.post("/demo/switch", {"name": "shenhe"})).status == 404


async def test_in_the_demo_one_tap_takes_a_role(open_console):
    browser = await open_console(demo=True)
    assert "演示" in await browser.page("/signin")
    response = await browser.post("/demo/switch", {"name": "shenhe"})
    assert (response.status, response.headers["Location"]) == (303, "/console/")


def test_the_demo_never_stands_on_an_https_address():
    fields = {one.name: None for one in dataclasses.fields(ConsoleParts)}
    parts = ConsoleParts(**{**fields, "demo": True, "secure": True})
    with pytest.raises(ValueError, match="local address"):
        add_console(web.Application(), parts)
