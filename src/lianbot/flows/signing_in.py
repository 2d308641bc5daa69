"""Signing in with password and second factor: throttled, and silent about which of them was wrong."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lianbot.domain.people import Account
from lianbot.ports.clock import Clock
from lianbot.ports.desk import AccountDesk, Credentials

FREE_TRIES = 4
LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
STEP_SECONDS = 30
SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()
# what an unknown name is checked against, so that it takes as long as a known one. Salt and result are made up:
# no password is known to give this, and no start waits for a hash
_NOBODY = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"$bm9ib2R5IGhhcyB0aGlzIQ${'A' * 43}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was typed; `code` is empty where no second factor is asked."""

    name: str
    password: str
    code: str = ""


async def hash_password(password: str) -> str:
    """argon2id, in a thread: it takes about 140 ms and 64 MiB."""
    return await asyncio.to_thread(_hasher.hash, password)


class SigningIn:
    """Checks attempts; each failure makes the next wait longer."""

    def __init__(self, *, accounts: AccountDesk, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock

    async def check(self, attempt: Attempt) -> Account | None:
        """The account, or None; nothing tells which part was wrong."""
        found = await self._accounts.credentials(attempt.name)
        right = await asyncio.to_thread(_matches, found, attempt.password)
        if found is None or found.disabled:
            return None
        now = self._clock.now()
        if found.locked_until is not None and found.locked_until > now:
            return None
        if not right or not await self._second_factor(found, attempt.code):
            await self._failed(found)
            return None
        await self._accounts.failed(found.account.id, 0, None)
        return found.account

    async def _second_factor(self, found: Credentials, code: str) -> bool:
        if found.totp_secret is None:
            return True
        step = matching_step(found.totp_secret, code, int(self._clock.now().timestamp()))
        return step is not None and await self._accounts.use_totp_step(found.account.id, step)

    async def _failed(self, found: Credentials) -> None:
        failures = found.failures + 1
        over = failures - FREE_TRIES
        wait = min(LOCK * 2 ** max(over - 1, 0), LONGEST_LOCK) if over > 0 else None
        until = self._clock.now() + wait if wait else None
        await self._accounts.failed(found.account.id, failures, until)


def _matches(found: Credentials | None, password: str) -> bool:
    stored = found.password_hash if found and found.password_hash else _NOBODY
    try:
        _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(found and found.password_hash)


def matching_step(secret: str, code: str, seconds: int) -> int | None:
    """The 30 s step (now, or one to either side) whose code this is; None when none."""
    totp = pyotp.TOTP(secret)
    now = seconds // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if pyotp.utils.strings_equal(code.strip(), totp.generate_otp(step)):
            return step
    return None
