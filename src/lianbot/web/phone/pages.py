"""Phone pages: known by silent sign-in, nothing stored on the phone, answers come only by POST (design §4, §6)."""

import hashlib
import mimetypes
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from aiohttp import web

from lianbot.domain.acknowledgements import (
    Answer,
    AnswerGiven,
    AnswerOutcome,
    FirstAnswer,
    Method,
    NothingOpen,
    PageShown,
    Receipt,
    Via,
    answer_named,
)
from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.errors import NotFoundError
from lianbot.domain.items import Edition, Quiz
from lianbot.domain.people import ChannelKind, ClientKind, KnownWorker
from lianbot.phrases import pages as say
from lianbot.phrases import replies
from lianbot.ports.answers import NotKeptError
from lianbot.ports.pages import PageFacts, TeamReading
from lianbot.web.parts import PARTS, WebParts
from lianbot.web.phone.approvers import approver_of
from lianbot.web.phone.asking import add_asking
from lianbot.web.phone.bind import add_bind_page
from lianbot.web.phone.forms import read_form
from lianbot.web.phone.render import page_headers, render, static_file
from lianbot.web.phone.visitors import signed_in
from lianbot.web.phone.voices import editor_of
from lianbot.web.signing import Visitor

NOBODY = UUID(int=0)


SHOWN = ("image/png", "image/jpeg", "audio/mpeg")


def add_phone_pages(app: web.Application) -> None:
    routes = app.router
    routes.add_get("/m/i/{occurrence}", show_item)
    routes.add_post("/m/i/{occurrence}/open", item_opened)
    routes.add_post("/m/i/{occurrence}/shown", item_shown)
    routes.add_post("/m/i/{occurrence}/quiz", quiz_answered)
    routes.add_post("/m/i/{occurrence}/say", said)
    routes.add_get("/m/me", my_record)
    routes.add_get("/m/team", team_pushes)
    routes.add_get("/m/team/{occurrence}", team_reading)
    routes.add_post("/m/team/{occurrence}", team_present)
    routes.add_get("/m/media/{sha}", media_file)
    routes.add_get("/m/static/{name}", static_file)
    add_asking(app)
    add_bind_page(app)


# --- who is it -------------------------------------------------------------------------------


def _visitor(request: web.Request, form: Mapping[str, object], occurrence: UUID) -> Visitor:
    """The worker the form was rendered for; raises 403 with the mend."""
    parts = request.app[PARTS]
    found = parts.tokens.open(str(form.get("t", "")), parts.clock.now())
    if found is None or found.occurrence_id != occurrence:
        raise web.HTTPForbidden(text=say.PAGE_TOO_OLD)
    return found


def _occurrence(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["occurrence"])
    except ValueError:
        raise NotFoundError(say.NO_SUCH_PAGE) from None


# --- an item and its question -----------------------------------------------------------------


async def show_item(request: web.Request) -> web.Response:
    parts, occurrence = request.app[PARTS], _occurrence(request)
    found = [
        (who, facts)
        for who in await signed_in(request)
        if (facts := await parts.phone_book.item_page(occurrence, who.id)) is not None
    ]
    if not found:
        return await _read_only(parts, occurrence)
    if len(found) > 1:
        return _whose(parts, occurrence, [who for who, _ in found])
    return _item(parts, found[0][1])


def _whose(parts: WebParts, occurrence: UUID, readers: Sequence[KnownWorker]) -> web.Response:
    """Two on one phone got the same push: nothing is recorded before one of them says who reads."""
    now = parts.clock.now()
    tokens = [
        parts.tokens.seal(Visitor(worker_id=who.id, occurrence_id=occurrence), now)
        for who in readers
    ]
    names = [who.name for who in readers]
    return render(
        parts,
        "whose.html",
        readers=list(zip(names, tokens, strict=True)),
        occurrence=occurrence,
    )


async def item_opened(request: web.Request) -> web.Response:
    """One of those who share the phone."""
    parts = request.app[PARTS]
    visitor = _visitor(request, await read_form(request), _occurrence(request))
    return _item(parts, await _facts(parts, visitor))


async def _read_only(parts: WebParts, occurrence: UUID) -> web.Response:
    """A link that was passed on, or another browser: the text may be read, nothing is recorded."""
    edition = await parts.phone_book.open_edition(occurrence)
    if edition is None:
        raise NotFoundError(say.NO_SUCH_PAGE)
    return render(parts, "item.html", edition=edition, facts=None, quiz=None, token="")


async def media_file(request: web.Request) -> web.Response:
    """A picture or recording by its hash: the same for everybody, so any browser may keep it for a day."""
    parts = request.app[PARTS]
    found = await parts.phone_book.media(request.match_info["sha"])
    kind = mimetypes.guess_type(found[0])[0] if found else None
    if found is None or kind not in SHOWN:
        raise NotFoundError(say.NO_SUCH_PAGE)
    headers = page_headers(parts) | {"Cache-Control": "max-age=86400"}
    return web.Response(body=found[1], content_type=kind, headers=headers)


def _item(
    parts: WebParts, facts: PageFacts, *, wrong: int | None = None, thanks: str = ""
) -> web.Response:
    visitor = Visitor(worker_id=facts.worker_id, occurrence_id=facts.occurrence_id)
    return render(
        parts,
        "item.html",
        edition=facts.edition,
        facts=facts,
        quiz=facts.quiz,
        options=shuffled(facts.quiz, facts.worker_id) if facts.quiz else (),
        wrong=wrong,
        thanks=thanks,
        answers=[one for one in Answer if one is not Answer.UNDERSTOOD or facts.quiz is None],
        wording=replies.WORDING,
        token=parts.tokens.seal(visitor, parts.clock.now()),
    )


def shuffled(quiz: Quiz, worker_id: UUID) -> list[tuple[int, str]]:
    """(index in the edition, text) in an order of the person's own, the same at every visit."""

    def rank(index: int) -> bytes:
        return hashlib.sha256(worker_id.bytes + quiz.sha256.encode() + bytes([index])).digest()

    return [(index, quiz.options[index]) for index in sorted(range(len(quiz.options)), key=rank)]


async def _facts(parts: WebParts, visitor: Visitor) -> PageFacts:
    facts = await parts.phone_book.item_page(visitor.occurrence_id, visitor.worker_id)
    if facts is None:
        raise NotFoundError(say.NO_SUCH_PAGE)
    return facts


async def item_shown(request: web.Request) -> web.Response:
    """The page says that it was displayed: `opened` never comes from a GET (previews fetch links)."""
    parts = request.app[PARTS]
    form = await read_form(request)
    facts = await _facts(parts, _visitor(request, form, _occurrence(request)))
    if not _read_another(form, facts):
        await _mark_shown(parts, facts)
    if facts.channel is ChannelKind.WECOM:
        client = reads_in(request.headers.get("User-Agent", ""))
        if client is not None:
            parts.clients.note(facts.worker_id, client)
    return web.Response(status=204, headers=page_headers(parts))


def reads_in(agent: str) -> ClientKind | None:
    """Which kind of client a browser belongs to; None outside WeChat. Only the kind goes on, never the words.

    WeCom's browser names itself beside MicroMessenger (UNCONFIRMED, reference E): should it not, its readers
    count as readers in ordinary WeChat, whose text and one link suffice for everybody (P7).
    """
    if "MicroMessenger" not in agent:
        return None
    return ClientKind.WECOM if "wxwork" in agent else ClientKind.PLAIN


async def _mark_shown(parts: WebParts, facts: PageFacts) -> None:
    await parts.answers.shown(
        PageShown(
            worker_id=facts.worker_id,
            delivery_id=facts.delivery_id,
            edition=facts.edition.sha256,
            via=Via.OAUTH,
        )
    )


async def quiz_answered(request: web.Request) -> web.Response:
    """Wrong → the reason → again; right → the record. Only the first answer feeds the topic's totals."""
    parts, form = request.app[PARTS], await read_form(request)
    facts = await _facts(parts, _visitor(request, form, _occurrence(request)))
    chosen = _chosen(form, facts.quiz)
    if facts.quiz is None or chosen is None or _read_another(form, facts):
        return _item(parts, facts)
    await _mark_shown(parts, facts)
    right = chosen == facts.quiz.answer
    if facts.answered is not Answer.UNDERSTOOD:
        await parts.answers.first_answer(
            FirstAnswer(
                worker_id=facts.worker_id,
                delivery_id=facts.delivery_id,
                edition=facts.edition.sha256,
                right=right,
            )
        )
    if not right:
        return _item(parts, facts, wrong=chosen)
    outcome = await _give(parts, _quiz_given(facts, facts.quiz, chosen))
    return await _after(parts, facts, outcome, praise=f"{say.RIGHT}{facts.quiz.why}")


def _read_another(form: Mapping[str, object], facts: PageFacts) -> bool:
    """A newer edition took the text's place after the page was shown: an answer to the old words is none to the new
    ones (docs/decisions/0006)."""
    return form.get("read", facts.edition.sha256) != facts.edition.sha256


def _chosen(form: Mapping[str, object], quiz: Quiz | None) -> int | None:
    text = str(form.get("option", ""))
    if quiz is None or not text.isdecimal() or int(text[:3]) >= len(quiz.options):
        return None
    return int(text[:3])


def _quiz_given(facts: PageFacts, quiz: Quiz, chosen: int) -> AnswerGiven:
    return AnswerGiven(
        worker_id=facts.worker_id,
        answer=Answer.UNDERSTOOD,
        method=Method.QUIZ,
        via=Via.OAUTH,
        wording=quiz.options[chosen],
        # the standing receipt is part of it: a right answer after an objection is a new answer
        repeat_key=f"quiz:{facts.delivery_id}:{quiz.sha256}:{facts.receipt}",
        msgid=f"page-{facts.delivery_id}",
        delivery_id=facts.delivery_id,
        quiz=quiz.item,
        final=chosen,
        edition=facts.edition.sha256,
    )


async def said(request: web.Request) -> web.Response:
    """没看懂, 找人讲, 不同意, 做不到 (and 懂了 where an item has no question)."""
    parts, form = request.app[PARTS], await read_form(request)
    facts = await _facts(parts, _visitor(request, form, _occurrence(request)))
    answer = answer_named(str(form.get("answer", "")))
    unasked = answer is Answer.UNDERSTOOD and facts.quiz is not None
    if answer is None or unasked or _read_another(form, facts):
        return _item(parts, facts)
    await _mark_shown(parts, facts)
    outcome = await _give(
        parts,
        AnswerGiven(
            worker_id=facts.worker_id,
            answer=answer,
            method=Method.TAP,
            via=Via.OAUTH,
            wording=replies.WORDING[answer],
            repeat_key=f"say:{facts.delivery_id}:{answer}:{form.get('n', '')}",
            msgid=f"page-{facts.delivery_id}",
            delivery_id=facts.delivery_id,
            edition=facts.edition.sha256,
        ),
    )
    return await _after(parts, facts, outcome, praise="")


async def _give(parts: WebParts, given: AnswerGiven) -> AnswerOutcome | None:
    try:
        return await parts.answers.answer(given)
    except NotKeptError:
        return None


async def _after(
    parts: WebParts, before: PageFacts, outcome: AnswerOutcome | None, *, praise: str
) -> web.Response:
    if outcome is None:
        return _item(parts, before, thanks=replies.NOT_KEPT)
    visitor = Visitor(worker_id=before.worker_id, occurrence_id=before.occurrence_id)
    facts = await _facts(parts, visitor)
    match outcome:
        case NothingOpen():
            return _item(parts, facts)  # a newer text came between: it is shown, and asked about
        case Receipt():
            standing = facts.answered or outcome.answer
            # praise belongs to the answer that stands; otherwise the page would show it over another receipt
            right = praise and standing is Answer.UNDERSTOOD
            return _item(parts, facts, thanks=praise if right else replies.THANKS[standing])


# --- my record ---------------------------------------------------------------------------------


async def my_record(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    readers = await signed_in(request)
    if not readers:
        return render(parts, "stranger.html")
    alone = readers[0] if len(readers) == 1 else None
    return render(
        parts,
        "record.html",
        people=[await _record(parts, who) for who in readers],
        approver=await approver_of(request, alone) is not None,
        editor=await editor_of(request, alone) is not None,
    )


async def _record(parts: WebParts, who: KnownWorker) -> dict[str, object]:
    rows = await parts.phone_book.my_record(who.id)
    looks = await parts.phone_book.who_looked(who.id)
    return {
        "name": who.name,
        "looks": [(look, local(look.at)) for look in looks],
        "rows": [
            (row, replies.receipt(row.seq, row.leaf_start), local(row.minute)) for row in rows
        ],
    }


# --- the lead's page ----------------------------------------------------------------------------


async def _lead(request: web.Request) -> KnownWorker | None:
    return next((who for who in await signed_in(request) if Post.LEAD in who.posts), None)


async def team_pushes(request: web.Request) -> web.Response:
    """Counts first, no names."""
    parts = request.app[PARTS]
    who = await _lead(request)
    if who is None:
        return render(parts, "stranger.html", lead=True)
    pushes = await parts.phone_book.team_pushes(who.team_id, who.id)
    return render(parts, "team.html", pushes=[(one, local(one.due_at)) for one in pushes])


async def team_reading(request: web.Request) -> web.Response:
    parts, occurrence = request.app[PARTS], _occurrence(request)
    who = await _lead(request)
    if who is None:
        return render(parts, "stranger.html", lead=True)
    return await _reading(parts, who.id, who.team_id, occurrence)


async def _reading(
    parts: WebParts, lead: UUID, team_id: int, occurrence: UUID, *, kept: int | None = None
) -> web.Response:
    visitor = Visitor(worker_id=lead, occurrence_id=occurrence)
    readings = await _others(parts, lead, team_id, occurrence)
    return render(
        parts,
        "reading.html",
        readings=readings,
        cards=cards_for(readings, await parts.phone_book.aloud_cards()),
        occurrence=occurrence,
        today=local(parts.clock.now()).date(),
        kept=kept,
        sheet=secrets.token_hex(8),
        token=parts.tokens.seal(visitor, parts.clock.now()),
    )


def cards_for(
    readings: Sequence[TeamReading], cards: Sequence[Edition]
) -> dict[str, Edition | None]:
    """By edition, the card to read aloud: of the team's posts, about the same topic where there is one."""

    def card(reading: TeamReading) -> Edition | None:
        posts = {member.post for member in reading.members}
        fitting = [one for one in cards if posts.intersection(one.posts) or not one.posts]
        same = (one for one in fitting if one.topic is reading.edition.topic)
        return next(same, fitting[0] if fitting else None)

    return {one.edition.sha256: card(one) for one in readings}


async def _others(
    parts: WebParts, lead: UUID, team_id: int, occurrence: UUID
) -> list[TeamReading]:
    """The team without the lead, who is no witness of the own presence; a text for nobody else is left out."""
    without = [
        replace(one, members=[member for member in one.members if member.worker_id != lead])
        for one in await parts.phone_book.team_reading(occurrence, team_id)
    ]
    return [one for one in without if one.members]


async def team_present(request: web.Request) -> web.Response:
    """Presence ticked by the lead: each ticked name gets an `assisted` record, by the lead, on this day."""
    parts, occurrence = request.app[PARTS], _occurrence(request)
    form = await read_form(request)
    visitor = _visitor(request, form, occurrence)
    lead = parts.directory.by_id(visitor.worker_id)
    if lead is None or Post.LEAD not in lead.posts:
        raise web.HTTPForbidden(text=say.NOT_A_LEAD)
    ticked, read = set(form.getall("present", [])), set(form.getall("read", []))
    today = local(parts.clock.now()).date()
    kept = 0
    for reading in await _others(parts, lead.id, lead.team_id, occurrence):
        if reading.edition.sha256 not in read:
            continue  # another text than the one that was read aloud: the page shows it now
        for member in reading.members:
            if str(member.worker_id) not in ticked:
                continue
            outcome = await _give(
                parts,
                AnswerGiven(
                    worker_id=member.worker_id,
                    answer=Answer.UNDERSTOOD,
                    method=Method.ASSISTED,
                    via=Via.LEAD,
                    wording=say.PRESENT,
                    repeat_key=f"assisted:{member.delivery_id}:{today}",
                    msgid=f"team-{member.delivery_id}",
                    delivery_id=member.delivery_id,
                    by=lead.id,
                    on=today,
                    edition=reading.edition.sha256,
                ),
            )
            kept += isinstance(outcome, Receipt)
    return await _reading(parts, lead.id, lead.team_id, occurrence, kept=kept)
