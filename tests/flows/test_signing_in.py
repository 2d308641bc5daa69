"""Signing in: one answer for every wrong part, growing waits, a code that works once."""

from datetime import timedelta

import pyotp
import pytest

from fakes.ports import FakeAccounts, an_account
from lianbot.flows import signing_in
from lianbot.flows.signing_in import (
    FREE_TRIES,
    LOCK,
    LONGEST_LOCK,
    Attempt,
    SigningIn,
    hash_password,
    matching_step,
)
from lianbot.ports.desk import Credentials

PASSWORD = "一句自己记得住的话"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WANG = an_account("reviewer", name="wang")


def known(**changes: object) -> Credentials:
    values = {
        "account": WANG,
        "password_hash": f"hash of {PASSWORD}",
        "totp_secret": None,
        "totp_last_step": None,
        "failures": 0,
        "locked_until": None,
        "disabled": False,
    } | changes
    return Credentials(**values)


class QuickHasher:
    """Stands in for argon2, whose 140 ms are the point in life and a nuisance here; notes what it checked."""

    def __init__(self) -> None:
        self.checked: list[str] = []

    def verify(self, stored: str, password: str) -> bool:
        self.checked.append(stored)
        if stored != f"hash of {password}":
            raise signing_in.VerificationError
        return True


@pytest.fixture(autouse=True)
def hasher(monkeypatch) -> QuickHasher:
    quick = QuickHasher()
    monkeypatch.setattr(signing_in, "_hasher", quick)
    return quick


def signing(clock, **changes: object) -> tuple[SigningIn, FakeAccounts]:
    accounts = FakeAccounts(known(**changes))
    return SigningIn(accounts=accounts, clock=clock), accounts


def attempt(password: str = PASSWORD, name: str = "wang", code: str = "") -> Attempt:
    return Attempt(name=name, password=password, code=code)


async def test_the_right_password_opens(clock):
    check, _ = signing(clock)
    assert await check.check(attempt()) == WANG


@pytest.mark.parametrize(
    ("changes", "tried"),
    [
        ({}, attempt(password="wrong")),
        ({}, attempt(name="nobody")),
        ({"disabled": True}, attempt()),
        ({"password_hash": ""}, attempt(password="")),
        ({"totp_secret": SECRET}, attempt(code="")),
        ({"totp_secret": SECRET}, attempt(code="000000")),
    ],
    ids=["wrong password", "unknown name", "disabled", "no password set", "no code", "wrong code"],
)
async def test_every_wrong_part_gets_the_same_answer(clock, changes, tried):
    check, _ = signing(clock, **changes)
    assert await check.check(tried) is None


async def test_an_unknown_name_costs_the_same_check_as_a_known_one(clock, hasher):
    check, _ = signing(clock)
    await check.check(attempt(name="nobody", password="wrong"))
    await check.check(attempt(password="wrong"))
    assert len(hasher.checked) == 2
    assert hasher.checked[0] == signing_in._NOBODY


def code_at(clock) -> str:
    return pyotp.TOTP(SECRET).at(int(clock.now().timestamp()))


async def test_a_code_opens_once(clock):
    check, _ = signing(clock, totp_secret=SECRET)
    code = code_at(clock)
    assert await check.check(attempt(code=code)) == WANG
    assert await check.check(attempt(code=code)) is None


async def test_the_code_of_the_step_before_is_too_old_after_the_newer_one(clock):
    check, _ = signing(clock, totp_secret=SECRET)
    old = code_at(clock)
    clock.pass_(seconds=30)
    assert await check.check(attempt(code=code_at(clock))) == WANG
    assert await check.check(attempt(code=old)) is None


@pytest.mark.parametrize(("seconds", "opens"), [(-30, True), (0, True), (30, True), (90, False)])
def test_a_clock_that_is_half_a_minute_off_is_forgiven(seconds, opens):
    now = 1_800_000_000
    code = pyotp.TOTP(SECRET).at(now + seconds)
    assert (matching_step(SECRET, code, now) is not None) is opens


async def fail(check: SigningIn, times: int) -> None:
    for _ in range(times):
        await check.check(attempt(password="wrong"))


async def test_a_few_slips_lock_nobody_out(clock):
    check, _ = signing(clock)
    await fail(check, FREE_TRIES)
    assert await check.check(attempt()) == WANG


async def test_after_that_even_the_right_password_waits(clock):
    check, _ = signing(clock)
    await fail(check, FREE_TRIES + 1)
    assert await check.check(attempt()) is None
    clock.pass_(seconds=LOCK.total_seconds() + 1)
    assert await check.check(attempt()) == WANG


async def test_the_wait_doubles_up_to_an_hour(clock):
    check, accounts = signing(clock)
    await fail(check, FREE_TRIES)
    waits = []
    for _ in range(9):
        await fail(check, 1)
        until = accounts.known["wang"].locked_until
        assert until is not None
        waits.append(until - clock.now())
        clock.moment = until + timedelta(seconds=1)
    assert waits[:3] == [LOCK, 2 * LOCK, 4 * LOCK]
    assert waits[-1] == LONGEST_LOCK


async def test_guesses_during_the_wait_do_not_make_it_longer(clock):
    check, accounts = signing(clock)
    await fail(check, FREE_TRIES + 1)
    until = accounts.known["wang"].locked_until
    await fail(check, 20)
    assert accounts.known["wang"].locked_until == until


async def test_a_success_forgets_the_failures(clock):
    check, accounts = signing(clock)
    await fail(check, FREE_TRIES)
    await check.check(attempt())
    assert accounts.known["wang"].failures == 0


async def test_a_right_password_with_a_wrong_code_counts_as_a_failure(clock):
    check, accounts = signing(clock, totp_secret=SECRET)
    await check.check(attempt(code="000000"))
    assert accounts.known["wang"].failures == 1


async def test_passwords_are_kept_as_argon2id(monkeypatch):
    monkeypatch.undo()
    assert (await hash_password(PASSWORD)).startswith("$argon2id$")
