"""信箱文件: the officer takes sealed files away and hands made ones in; nothing is opened, counted or timed here."""

import hashlib
from datetime import timedelta

from aiohttp import web

from lianbot.domain.calendar import local
from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.flows.rectification import OwnWords, read_own_words
from lianbot.phrases import console as say
from lianbot.phrases import rectification as words
from lianbot.ports.desk import AuditRow
from lianbot.ports.door_shelf import DoorShelf
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, text_of, to, visitor

FILES = ("recipients.json", "intake.json", "sealed.bin", "bulletin.bin")
PHOTO_WEEKS = 27
"""As long as the door keeps anything; the list is the same whatever lies there."""
LARGEST = 300 * 1024


class LetterPages:
    """For the officer alone: every other role meets 403 on each of these routes."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The same page whatever lies in the box: no size, no count, no day."""
        return await self._shell.page(
            request,
            "letters.html",
            words=words,
            files=FILES,
            weeks=self._weeks(),
            there=self._parts.shelf is not None,
            units=await self._parts.rectifying.units(),
        )

    async def take(self, request: web.Request) -> web.StreamResponse:
        """A file as it stands; its time on the disk goes with no header."""
        name = request.match_info["name"]
        found = await self._shelf().take(name)
        if found is None:
            gone = words.NO_PHOTOS if name.startswith("media-") else words.TAKEN
            raise NotFoundError(f"{name[:40]} {gone}")
        await self._note(request, "letters.taken", name)
        response = web.StreamResponse(
            headers={
                "Content-Disposition": f"attachment; filename={name}",
                "Content-Type": "application/octet-stream",
                "Content-Length": str(found.size),
                "Cache-Control": "no-store",
            }
        )
        await response.prepare(request)
        async for piece in found.pieces:
            await response.write(piece)
        await response.write_eof()
        return response

    async def put(self, request: web.Request) -> web.StreamResponse:
        """A pack, a signature or a proposal; which one, its own words tell."""
        given = (await form_of(request)).get("file")
        if not isinstance(given, web.FileField) or not given.filename:
            raise InvalidInputError(say.FIELDS["upload"], say.NO_FILE)
        raw = given.file.read(LARGEST + 1)
        if b'"pack"' in raw[:64]:
            await self._shelf().put_pack(raw, self._week(0))
            kind = "pack"
        elif b'"officer"' in raw[:64]:
            await self._shelf().put_attestation(raw)
            kind = "attest"
        elif b'"kind"' in raw[:64]:
            said = read_own_words(raw)
            await self._parts.rectifying.from_officer(said, visitor(request).account, _mark(raw))
            # no row of its own: beside the item it would say that there were letters
            return to("/letters", "letters-proposal")
        else:
            raise InvalidInputError(say.FIELDS["upload"], words.NO_SUCH_KIND)
        await self._note(request, "letters.put", words.UPLOADED[kind])
        return to("/letters", f"letters-{kind}")

    async def propose(self, request: web.Request) -> web.StreamResponse:
        """The same by form: own words, and the floor declared."""
        form = await form_of(request)
        said = OwnWords(
            kind=text_of(form, "kind"),
            text=text_of(form, "text", 500),
            floor=text_of(form, "floor"),
            unit=text_of(form, "unit"),
        )
        mark = _mark(f"{said.kind}\n{said.text}".encode())
        await self._parts.rectifying.from_officer(said, visitor(request).account, mark)
        return to("/letters", "letters-proposal")

    def _shelf(self) -> DoorShelf:
        if self._parts.shelf is None:
            raise NotFoundError(words.NO_SHELF)
        return self._parts.shelf

    def _weeks(self) -> list[str]:
        return [self._week(back) for back in range(PHOTO_WEEKS)]

    def _week(self, back: int) -> str:
        year, week, _ = (local(self._shell.now()).date() - timedelta(weeks=back)).isocalendar()
        return f"{year}W{week:02d}"

    async def _note(self, request: web.Request, action: str, subject: str) -> None:
        row = AuditRow(action=action, subject=subject)
        await self._parts.audit.note(row, visitor(request).account.id, self._shell.now())


def _mark(raw: bytes) -> bytes:
    """The same words sent twice are one proposal."""
    return hashlib.sha256(raw).digest()[:16]
