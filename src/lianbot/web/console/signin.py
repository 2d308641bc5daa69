"""Signing in and out, one's own password and second factor, and the demo's role switcher."""

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.people import Account
from lianbot.flows.signing_in import Attempt, SigningIn, hash_password, matching_step
from lianbot.phrases import console as say
from lianbot.ports.desk import AuditRow
from lianbot.web.console import credentials
from lianbot.web.console.gate import ENTRY, cookie_name
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import PREFIX, VISITOR, Shell, form_of, text_of, to, visitor
from lianbot.web.console.throttle import Throttle

SESSION_LIFE = timedelta(hours=12)
ENTRY_SECONDS = 3600
AT_ONCE = 2
"""Each check takes 64 MiB and 0.14 s of a core; more at once would let strangers fill the memory."""


class SignInPages:
    """What happens before there is a session, and to the visitor's own account."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell
        self._signing_in = SigningIn(accounts=parts.accounts, clock=parts.clock)
        self._throttle = Throttle()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def form(self, request: web.Request) -> web.StreamResponse:
        if request.get(VISITOR) is not None:
            return to("/")
        return await self._form(request)

    async def _form(
        self, request: web.Request, *, status: int = 200, fault: str = "", name: str = ""
    ) -> web.Response:
        entry = request.cookies.get(ENTRY) or secrets.token_urlsafe(24)
        accounts = await self._parts.accounts.all() if self._parts.demo else []
        response = await self._shell.page(
            request,
            "signin.html",
            status=status,
            entry=entry,
            fault=fault,
            name=name,
            accounts=accounts,
        )
        self._set_cookie(response, ENTRY, entry, ENTRY_SECONDS)
        return response

    def _set_cookie(self, response: web.StreamResponse, name: str, value: str, age: int) -> None:
        response.set_cookie(
            name,
            value,
            path=PREFIX,
            httponly=True,
            samesite="Strict",
            secure=self._parts.secure,
            max_age=age,
        )

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """One answer for every failure: which part was wrong, and whether the name exists, is not told."""
        form = await form_of(request)
        name = text_of(form, "name", 60)
        now = self._shell.now()
        if self._throttle.blocked(name, now):
            return await self._form(request, status=429, fault=say.TOO_MANY_TRIES, name=name)
        account = await self._check(name, form)
        if account is None:
            return await self._form(request, status=401, fault=say.NOT_ADMITTED, name=name)
        return await self._open(account, "signin", now)

    async def _check(self, name: str, form: Mapping[str, Any]) -> Account | None:
        """Password and second factor; a failure is counted and written down, whether the name exists or not."""
        now = self._shell.now()
        attempt = Attempt(
            name=name,
            password=text_of(form, "password", credentials.LONGEST, strip=False),
            code=text_of(form, "code", 12).replace(" ", ""),
        )
        async with self._turn:
            account = await self._signing_in.check(attempt)
        if account is not None:
            self._throttle.succeeded(name)
            return account
        self._throttle.failed(name, now)
        found = await self._parts.accounts.credentials(name)
        # people type passwords into the field of the name: an unknown name is not written down
        row = AuditRow(
            action="signin.failed", subject=found.account.name if found else say.NO_SUCH_ACCOUNT
        )
        await self._parts.audit.note(row, found.account.id if found else None, now)
        return None

    async def _open(self, account: Account, action: str, now: datetime) -> web.Response:
        token = await self._parts.accounts.open_session(account, now, SESSION_LIFE)
        row = AuditRow(action=action, subject=account.name)
        await self._parts.audit.note(row, account.id, now)
        response = to("/")
        self._set_cookie(
            response, cookie_name(self._parts), token, int(SESSION_LIFE.total_seconds())
        )
        return response

    async def leave(self, request: web.Request) -> web.StreamResponse:
        seen = visitor(request)
        await self._parts.accounts.close_session(seen.token)
        row = AuditRow(action="signout", subject=seen.account.name)
        await self._parts.audit.note(row, seen.account.id, self._shell.now())
        response = to("/signin")
        response.del_cookie(cookie_name(self._parts), path=PREFIX)
        # what the browser kept of the pages goes too
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def switch(self, request: web.Request) -> web.StreamResponse:
        """The demo's role switcher; anywhere else this address does not exist."""
        if not self._parts.demo:
            raise NotFoundError(say.NO_SUCH_PAGE)
        name = text_of(await form_of(request), "name", 60)
        account = next((one for one in await self._parts.accounts.all() if one.name == name), None)
        if account is None:
            raise NotFoundError(say.NO_SUCH_ACCOUNT)
        seen = request.get(VISITOR)
        if seen is not None:
            await self._parts.accounts.close_session(seen.token)
        return await self._open(account, "signin.demo", self._shell.now())

    # ---- one's own account ---------------------------------------------------------------------------------

    async def own(self, request: web.Request) -> web.StreamResponse:
        return await self._own(request)

    async def _own(
        self, request: web.Request, *, status: int = 200, fault: str = "", secret: str = ""
    ) -> web.Response:
        seen = visitor(request)
        offered = secret or credentials.new_secret()
        return await self._shell.page(
            request,
            "self.html",
            status=status,
            fault=fault,
            secret=offered,
            picture=credentials.picture(offered, seen.account.name),
        )

    async def change_password(self, request: web.Request) -> web.StreamResponse:
        seen = visitor(request)
        form = await form_of(request)
        fresh = text_of(form, "fresh", credentials.LONGEST, strip=False)
        if fault := credentials.weakness(fresh, seen.account.name):
            return await self._own(request, status=400, fault=fault)
        if not hmac.compare_digest(fresh.encode(), str(form.get("again", "")).encode()):
            return await self._own(request, status=400, fault=say.PASSWORDS_DIFFER)
        if not await self._confirmed(request):
            return await self._own(request, status=400, fault=say.OLD_PASSWORD_WRONG)
        hashed = await hash_password(fresh)
        await self._parts.accounts.change_password(
            seen.account.id, hashed, seen.account.id, self._shell.now()
        )
        return to("/signin", "password")

    async def enrol(self, request: web.Request) -> web.StreamResponse:
        """Kept only when the phone shows the right code: a secret nobody can use would lock its owner out."""
        seen = visitor(request)
        form = await form_of(request)
        secret = text_of(form, "secret", 64)
        if not credentials.is_secret(secret):
            raise InvalidInputError(say.FIELDS["secret"], say.START_AGAIN)
        now = self._shell.now()
        step = matching_step(secret, text_of(form, "fresh_code", 12), int(now.timestamp()))
        if step is None:
            return await self._own(request, status=400, fault=say.CODE_WRONG, secret=secret)
        if not await self._confirmed(request):
            return await self._own(
                request, status=400, fault=say.OLD_PASSWORD_WRONG, secret=secret
            )
        await self._parts.accounts.change_totp(seen.account.id, secret, seen.account.id, now)
        await self._parts.accounts.use_totp_step(seen.account.id, step)
        return to("/self", "totp")

    async def _confirmed(self, request: web.Request) -> bool:
        """Password, and code where enrolled: a browser left open is not enough to change what lets its owner in."""
        name = visitor(request).account.name
        if self._throttle.blocked(name, self._shell.now()):
            return False
        return await self._check(name, await form_of(request)) is not None
