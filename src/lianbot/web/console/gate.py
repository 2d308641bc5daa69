"""Every request passes here: headers, session, right, CSRF, and errors as pages with the mend."""

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from lianbot.domain.errors import (
    InvalidInputError,
    LianbotError,
    NotAllowedError,
    NotFoundError,
)
from lianbot.phrases import console as say
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.rights import Right
from lianbot.web.console.shell import PREFIX, VISITOR, Shell, Visitor

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]

UPLOAD_BYTES = 52 * 1024 * 1024
FORM_BYTES = 256 * 1024
LIMITS = {"roster.upload": UPLOAD_BYTES, "letters.put": 2 * FORM_BYTES}
ENTRY = "lianbot_entry"
"""Before there is a session: the sign-in form's own token, as a cookie and as a field."""


def cookie_name(parts: ConsoleParts) -> str:
    """With https the browser itself refuses to set it from anywhere else.

    Not `__Host-`: that needs the path `/`, and then an administrator's cookie would travel to the door's
    pages on the same host. It is held to the console's path instead (a concern never meets a name).
    """
    return "__Secure-lianbot" if parts.secure else "lianbot_console"


def policy(parts: ConsoleParts) -> str:
    ancestors = parts.frame_ancestors if parts.demo and parts.frame_ancestors else "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; font-src 'self'; media-src 'self'; form-action 'self';"
        f" base-uri 'none'; frame-ancestors {ancestors}"
    )


class Gate:
    """The middlewares of the console."""

    def __init__(self, parts: ConsoleParts, shell: Shell, rights: dict[str, Right]) -> None:
        self._parts = parts
        self._shell = shell
        self._rights = rights
        self._headers = {
            "Content-Security-Policy": policy(parts),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
        if not parts.demo:
            self._headers["X-Frame-Options"] = "DENY"
        if parts.secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    def middlewares(self) -> list[Any]:
        return [self._dress, self._explain, self._admit]

    @web.middleware
    async def _dress(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        response.headers.update(self._headers)
        # pages carry names and tokens: no cache keeps them
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @web.middleware
    async def _explain(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            text = say.HTTP_FAULTS.get(error.status, say.HTTP_FAULTS[400])
            return await self._fault(request, error.status, text)
        except InvalidInputError as error:
            return await self._fault(request, 400, str(error))
        except NotAllowedError as error:
            return await self._fault(request, 403, str(error))
        except NotFoundError as error:
            return await self._fault(request, 404, str(error))
        except LianbotError as error:
            return await self._fault(request, 409, str(error))
        except Exception:
            log.exception("console.failed", extra={"route": _route_name(request)})
            return await self._fault(request, 500, say.OUR_FAULT)

    async def _fault(self, request: web.Request, status: int, text: str) -> web.StreamResponse:
        if request.headers.get("HX-Request"):
            return self._shell.fragment("_fault.html", status=status, text=text)
        return await self._shell.page(
            request, "fault.html", status=status, text=text, status_code=status
        )

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        right = self._rights.get(_route_name(request))
        if right is None:
            raise web.HTTPNotFound
        limit = LIMITS.get(right.name, FORM_BYTES)
        await self._recognise(request)
        request = request.clone(client_max_size=limit)
        if not right.open_to_all:
            seen: Visitor | None = request.get(VISITOR)
            if seen is None:
                return self._to_signin(request)
            if not right.allows(seen.account):
                raise NotAllowedError(say.NOT_YOURS)
            if self._parts.totp_required and not seen.session.totp and _beyond_enrolment(right):
                return _redirect(request, f"{PREFIX}/self")
        if right.method != "POST":
            return await handler(request)
        form = await _form(request)
        try:
            self._check_origin(request, form)
            return await handler(request)
        finally:
            _close_files(form)

    async def _recognise(self, request: web.Request) -> None:
        token = request.cookies.get(cookie_name(self._parts), "")
        if not token:
            return
        session = await self._parts.accounts.session(token, self._parts.clock.now())
        if session is not None:
            request[VISITOR] = Visitor(session=session, token=token)

    def _check_origin(self, request: web.Request, form: Mapping[str, object]) -> None:
        """A change needs the session's token (or the entry token before there is one) and our own origin."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise NotAllowedError(say.FORGED)
        seen: Visitor | None = request.get(VISITOR)
        wanted = seen.session.csrf if seen else request.cookies.get(ENTRY, "")
        field = form.get("csrf", "")
        sent = request.headers.get("X-CSRF-Token") or (field if isinstance(field, str) else "")
        if not wanted or not hmac.compare_digest(wanted.encode(), sent.encode()):
            raise NotAllowedError(say.FORGED)

    def _to_signin(self, request: web.Request) -> web.StreamResponse:
        return _redirect(request, f"{PREFIX}/signin")


def _redirect(request: web.Request, target: str) -> web.Response:
    if request.headers.get("HX-Request"):
        return web.Response(status=401, headers={"HX-Redirect": target})
    return web.Response(status=303, headers={"Location": target})


def _beyond_enrolment(right: Right) -> bool:
    return right.name not in ("self", "self.totp", "self.password", "signout")


async def _form(request: web.Request) -> Mapping[str, object]:
    """The fields; a body that is no form, or too large, raises the right 4xx."""
    try:
        return await request.post()
    except (ValueError, LookupError, UnicodeDecodeError) as error:
        raise web.HTTPBadRequest from error


def _close_files(form: Mapping[str, object]) -> None:
    """What was uploaded lies in temporary files: they go with the request."""
    for value in form.values():
        if isinstance(value, web.FileField):
            value.file.close()


def _route_name(request: web.Request) -> str:
    return request.match_info.route.name or ""
