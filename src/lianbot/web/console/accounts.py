"""账号: the system administrator makes, resets and disables them, and cannot approve with any."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from aiohttp import web

from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.flows.signing_in import hash_password
from lianbot.phrases import console as say
from lianbot.web.console.campaign_form import many
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.rights import conflict
from lianbot.web.console.shell import Shell, chosen, form_of, text_of, to, uuid_of, visitor

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")
_WORDS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without signs that are mistaken for one another when a password is read out."""


class AccountPages:
    """The list and the four things that can be done with an account."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        return await self._show(request)

    async def _show(
        self,
        request: web.Request,
        *,
        fault: str = "",
        made: tuple[str, str] | None = None,
        form: Mapping[str, Any] | None = None,
    ) -> web.Response:
        teams = await self._parts.places.teams()
        contractors = await self._parts.places.contractors()
        return await self._shell.page(
            request,
            "accounts.html",
            status=400 if fault else 200,
            fault=fault,
            made=made,
            asked={key: str((form or {}).get(key, "")) for key in ("name", "display")},
            ticked=many(form, "roles") if form is not None else (),
            everyone=await self._parts.accounts.everyone(),
            roles=Role,
            teams=teams,
            contractors=contractors,
            team_names={one.id: one.name for one in teams},
            contractor_names={one.id: one.name for one in contractors},
        )

    async def add(self, request: web.Request) -> web.StreamResponse:
        """The first password is made here and shown once."""
        form = await form_of(request)
        try:
            account = await self._read(form)
            password = fresh_password()
            await self._parts.accounts.add(
                account,
                await hash_password(password),
                visitor(request).account.id,
                self._shell.now(),
            )
        except InvalidInputError as error:
            return await self._show(request, fault=str(error), form=form)
        return await self._show(request, made=(account.name, password))

    async def _read(self, form: Mapping[str, Any]) -> Account:
        name = text_of(form, "name", 40)
        if not _NAME.fullmatch(name):
            raise InvalidInputError(say.FIELDS["name"], say.NAME_SHAPE)
        display = text_of(form, "display", 40)
        if not display:
            raise InvalidInputError(say.FIELDS["display"], "不能空着")
        account = Account(id=uuid4(), name=name, display=display, roles=_roles(form))
        return await self._placed(account, form)

    async def _placed(self, account: Account, form: Mapping[str, Any]) -> Account:
        """A lead belongs to a team, a company's manager to the company; nobody else is held to a place."""
        if account.may(Role.LEAD):
            team_id = chosen(form, "team_id")
            if team_id not in {one.id for one in await self._parts.places.teams()}:
                raise InvalidInputError(say.FIELDS["team_id"], say.SCOPE_NEEDED)
            account = replace(account, team_id=team_id)
        if account.may(Role.CONTRACTOR):
            contractor_id = chosen(form, "contractor_id")
            known = {one.id for one in await self._parts.places.contractors()}
            if contractor_id not in known:
                raise InvalidInputError(say.FIELDS["contractor_id"], say.SCOPE_NEEDED)
            account = replace(account, contractor_id=contractor_id)
        return account

    async def reset_password(self, request: web.Request) -> web.StreamResponse:
        seen = await self._parts.accounts.get(uuid_of(request))
        password = fresh_password()
        await self._parts.accounts.change_password(
            seen.account.id,
            await hash_password(password),
            visitor(request).account.id,
            self._shell.now(),
        )
        return await self._show(request, made=(seen.account.name, password))

    async def disable(self, request: web.Request) -> web.StreamResponse:
        seen = await self._parts.accounts.get(uuid_of(request))
        by = visitor(request).account.id
        if seen.account.id == by:
            raise NotAllowedError(say.CHECK_OWN_ACCOUNT)
        off = (await form_of(request)).get("off") == "yes"
        await self._parts.accounts.disable(seen.account.id, off, by, self._shell.now())
        return to("/accounts", "account-off" if off else "account-on")

    async def name_person(self, request: web.Request) -> web.StreamResponse:
        """Whose WeCom account gets what this console account is told."""
        number = text_of(await form_of(request), "number", 40)
        await self._parts.accounts.name_person(
            uuid_of(request), number, visitor(request).account.id, self._shell.now()
        )
        return to("/accounts", "account-person")

    async def reset_totp(self, request: web.Request) -> web.StreamResponse:
        """For a lost phone; the owner enrols again."""
        seen = await self._parts.accounts.get(uuid_of(request))
        await self._parts.accounts.change_totp(
            seen.account.id, None, visitor(request).account.id, self._shell.now()
        )
        return to("/accounts", "account-totp")


def _roles(form: Mapping[str, Any]) -> frozenset[Role]:
    try:
        roles = frozenset(Role(one) for one in many(form, "roles"))
    except ValueError as error:
        raise InvalidInputError(say.FIELDS["roles"], say.NOT_CHOSEN) from error
    if not roles:
        raise InvalidInputError(say.FIELDS["roles"], say.ROLES_NEEDED)
    if clash := conflict(roles):
        raise InvalidInputError(say.FIELDS["roles"], say.conflicting(*clash))
    return roles


def fresh_password() -> str:
    """Four groups of four: 79 bits, and can be read out."""
    groups = ("".join(secrets.choice(_WORDS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
