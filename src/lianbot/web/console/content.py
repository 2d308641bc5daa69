"""内容: what there is, how it looks on the phone, and a named reviewer's approval."""

import asyncio
import mimetypes

from aiohttp import web

from lianbot.domain.codes import ItemType
from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.items import EditionState
from lianbot.domain.messages import CardButton
from lianbot.phrases import approvals, replies
from lianbot.phrases import console as say
from lianbot.ports.desk import Listed, StoredEdition
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, paging_of, text_of, to, visitor

PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif")
VOICES = ("audio/mpeg", "audio/amr")


class ContentPages:
    """The shelf of editions."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell
        self._posts = {code: profile.name for code, profile in parts.profiles.items()}

    async def show(self, request: web.Request) -> web.StreamResponse:
        wanted, kind = request.query.get("state", ""), request.query.get("type", "")
        everything = await self._parts.content.all()
        found = [
            one
            for one in everything
            if wanted in ("", one.edition.state.value) and kind in ("", one.edition.type.value)
        ]
        paging = paging_of(request, 30)
        return await self._shell.page(
            request,
            "content.html",
            listed=Listed(
                rows=tuple(found[paging.offset : paging.offset + paging.size]),
                total=len(found),
                paging=paging,
            ),
            wanted=wanted,
            kind=kind,
            kinds=sorted({one.edition.type for one in everything}, key=list(ItemType).index),
            states=EditionState,
            posts=self._posts,
            topics=self._parts.topic_names,
        )

    async def edition(self, request: web.Request) -> web.StreamResponse:
        return await self._edition(request)

    async def _edition(self, request: web.Request, fault: str = "") -> web.Response:
        stored = await self._parts.content.get(request.match_info["sha"])
        quizzes = await self._parts.content.quizzes(stored.edition.quizzes)
        people = {
            one.account.id: one.account.display for one in await self._parts.accounts.everyone()
        }
        return await self._shell.page(
            request,
            "edition.html",
            status=400 if fault else 200,
            fault=fault,
            approvals=approvals,
            stored=stored,
            title=phone_title(stored),
            quizzes=[quizzes[sha] for sha in stored.edition.quizzes if sha in quizzes],
            buttons=card_buttons(),
            pictures=await self._pictures(stored.edition.sha256),
            posts=self._posts,
            topics=self._parts.topic_names,
            findings=await asyncio.to_thread(self._parts.findings, stored.edition.item),
            people=people,
            may_adopt=visitor(request).may("edition.adopt")
            and stored.edition.state is EditionState.AWAITING
            and stored.published_by != visitor(request).account.id,
        )

    async def _pictures(self, sha256: str) -> list[str]:
        return [
            media
            for media, name in await self._parts.content.media_of(sha256)
            if mimetypes.guess_type(name)[0] in PICTURES
        ]

    async def media(self, request: web.Request) -> web.StreamResponse:
        """A picture of the edition; nothing inside it can run or fetch anything."""
        wanted = request.match_info["media"]
        named = dict(await self._parts.content.media_of(request.match_info["sha"]))
        found = await self._parts.content.media_body(wanted) if wanted in named else None
        kind = mimetypes.guess_type(found[0])[0] if found else None
        if found is None or kind not in (*PICTURES, *VOICES):
            raise NotFoundError(say.NO_SUCH_PAGE)
        return web.Response(body=found[1], content_type=kind)

    async def adopt(self, request: web.Request) -> web.StreamResponse:
        """Says on the page what is missing. Raises NotAllowedError when the publisher approves (P5)."""
        sha = request.match_info["sha"]
        note = say.DEMO_APPROVAL if self._parts.demo else ""
        try:
            legal = text_of(await form_of(request), "legal")
            await self._parts.content.adopt(
                [sha], visitor(request).account.id, self._shell.now(), note, legal
            )
        except InvalidInputError as error:
            return await self._edition(request, str(error))
        return to(f"/content/{sha}", "adopted")


def phone_title(stored: StoredEdition) -> str:
    """The first line as the message has it."""
    edition = stored.edition
    return f"【{edition.tag}】{edition.title}" if edition.tag else edition.title


def card_buttons() -> tuple[CardButton, ...]:
    return replies.CARD_BUTTONS
