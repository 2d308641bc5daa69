"""Audit rows, health, alerts and the stop-all switch."""

from aiohttp import web

from lianbot.flows.switching import turn_stop_all
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, key_of, paging_of, to, visitor


class OversightPages:
    """What the auditor reads and what keeps the machine honest."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def audit(self, request: web.Request) -> web.StreamResponse:
        words = request.query.get("words", "").strip()[:60]
        return await self._shell.page(
            request,
            "audit.html",
            listed=await self._parts.audit.page(paging_of(request), words),
            words=words,
        )

    async def health(self, request: web.Request) -> web.StreamResponse:
        return await self._shell.page(
            request,
            "health.html",
            lines=await self._parts.health(),
            stopped=await self._parts.switches.stopped(),
            alerts=await self._parts.reading.alerts(),
        )

    async def close_alert(self, request: web.Request) -> web.StreamResponse:
        await self._parts.reading.close_alert(
            key_of(request), visitor(request).account.id, self._shell.now()
        )
        return to("/health", "alert")

    async def stop_all(self, request: web.Request) -> web.StreamResponse:
        on = (await form_of(request)).get("on") == "yes"
        await turn_stop_all(self._parts.switches, on, visitor(request).account, self._shell.now())
        return to("/health", "stop-all" if on else "resume-all")
