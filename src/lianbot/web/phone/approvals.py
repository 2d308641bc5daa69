"""审批 on the phone: what waits for this reviewer, each with its preview, approved or sent back one by one (design §8)."""

from uuid import UUID

from aiohttp import web

from lianbot.domain.amendments import Amendment, AmendmentState, is_notice
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Campaign, CampaignState
from lianbot.domain.errors import LianbotError, NotFoundError
from lianbot.domain.items import EditionState, Quiz
from lianbot.domain.people import Account
from lianbot.phrases import approvals as say
from lianbot.phrases import console, control, pages
from lianbot.ports.desk import StoredEdition
from lianbot.web.console.campaigns import places_of, rhythm, soonest_first
from lianbot.web.parts import PARTS
from lianbot.web.phone.addresses import edition_in, mark_of
from lianbot.web.phone.approvers import APPROVALS, Approvals, Approver, approver_of
from lianbot.web.phone.forms import read_form
from lianbot.web.phone.render import render
from lianbot.web.phone.visitors import sign_in
from lianbot.web.signing import Visitor

MOST_SHOWN = 60
"""A list that a thumb can scroll; what is behind it moves up as the first are decided."""


def add_approvals(app: web.Application, approvals: Approvals) -> None:
    app[APPROVALS] = approvals
    app.router.add_get("/m/approve", waiting)
    app.router.add_get("/m/approve/content/{sha}", edition)
    app.router.add_post("/m/approve/content/{sha}", edition_decided)
    app.router.add_get("/m/approve/campaign/{id}", campaign)
    app.router.add_post("/m/approve/campaign/{id}", campaign_decided)
    app.router.add_get("/m/approve/change/{id}", change)
    app.router.add_post("/m/approve/change/{id}", change_decided)


# --- who decides -------------------------------------------------------------------------------


async def _poster(request: web.Request, mark: UUID) -> tuple[Approver, dict[str, str]]:
    """Who pressed, and what. Raises 403 for a page that was not made for this person and thing."""
    parts = request.app[PARTS]
    form = {name: str(value) for name, value in (await read_form(request)).items()}
    found = parts.tokens.open(form.get("t", ""), parts.clock.now())
    if found is None or found.occurrence_id != mark:
        raise web.HTTPForbidden(text=pages.PAGE_TOO_OLD)
    approver = await approver_of(request, parts.directory.by_id(found.worker_id))
    if approver is None:
        raise web.HTTPForbidden(text=say.NOT_AN_APPROVER)
    return approver, form


def _token(request: web.Request, approver: Approver, mark: UUID) -> str:
    parts = request.app[PARTS]
    return parts.tokens.seal(
        Visitor(worker_id=approver.worker.id, occurrence_id=mark), parts.clock.now()
    )


def _stranger(request: web.Request) -> web.Response:
    return render(request.app[PARTS], "approve_stranger.html", approve=say)


# --- the list ----------------------------------------------------------------------------------


async def waiting(request: web.Request) -> web.Response:
    approver = await approver_of(request, await sign_in(request))
    if approver is None:
        return _stranger(request)
    return await _list(request, approver)


async def _list(request: web.Request, approver: Approver, said: str = "") -> web.Response:
    tools = request.app[APPROVALS]
    editions = [one for one in await tools.content.all() if _waits(one, approver.account)]
    campaigns = [one for one in await tools.book.all() if _open_to(one, approver.account)]
    campaigns = soonest_first(campaigns, tools.due_between, request.app[PARTS].clock.now())
    changes = [one for one in await tools.changes.waiting() if one.waits_for(approver.account)]
    return render(
        request.app[PARTS],
        "approve.html",
        approve=say,
        said=said,
        editions=editions[:MOST_SHOWN],
        more=max(0, len(editions) - MOST_SHOWN),
        campaigns=campaigns,
        changes=[(one, await tools.book.get(one.campaign_id)) for one in changes],
        kinds=console.OCCURRENCE_KINDS,
        standing=control.waiting_words,
    )


def _waits(stored: StoredEdition, account: Account) -> bool:
    """Author ≠ approver (P5). A correction's notice is approved with the correction, never alone."""
    waits = stored.edition.state is EditionState.AWAITING and not is_notice(stored.edition.item)
    return waits and stored.published_by != account.id


def _open_to(campaign: Campaign, account: Account) -> bool:
    """Nobody approves the own draft, nor two steps of one chain (P5)."""
    return (
        campaign.state is CampaignState.DRAFT
        and campaign.created_by != account.id
        and all(one.account_id != account.id for one in campaign.approvals)
    )


# --- an edition --------------------------------------------------------------------------------


async def edition(request: web.Request) -> web.Response:
    approver = await approver_of(request, await sign_in(request))
    if approver is None:
        return _stranger(request)
    return await _edition(request, approver)


async def _edition(request: web.Request, approver: Approver, fault: str = "") -> web.Response:
    tools, sha = request.app[APPROVALS], edition_in(request)
    stored = await tools.content.get(sha)
    found = await tools.content.quizzes(stored.edition.quizzes)
    quizzes: list[Quiz] = [found[one] for one in stored.edition.quizzes if one in found]
    page = render(
        request.app[PARTS],
        "approve_edition.html",
        approve=say,
        stored=stored,
        edition=stored.edition,
        quizzes=quizzes,
        own=stored.published_by == approver.account.id,
        may=_waits(stored, approver.account),
        fault=fault,
        token=_token(request, approver, mark_of(sha)),
    )
    if fault:
        page.set_status(422)
    return page


async def edition_decided(request: web.Request) -> web.Response:
    """通过 or 退回. A refusal stands on the page with its mend; nothing is half-decided."""
    sha = edition_in(request)
    approver, form = await _poster(request, mark_of(sha))
    tools, now = request.app[APPROVALS], request.app[PARTS].clock.now()
    note = form.get("note", "").strip()
    try:
        if form.get("decide") == "back":
            await tools.content.send_back(sha, approver.account.id, now, note)
            return await _list(request, approver, say.SENT_BACK)
        await tools.content.adopt([sha], approver.account.id, now, note, form.get("legal", ""))
    except NotFoundError:
        raise
    except LianbotError as error:
        return await _edition(request, approver, str(error))
    return await _list(request, approver, say.APPROVED)


# --- a campaign --------------------------------------------------------------------------------


async def campaign(request: web.Request) -> web.Response:
    approver = await approver_of(request, await sign_in(request))
    if approver is None:
        return _stranger(request)
    return await _campaign(request, approver)


async def _campaign(request: web.Request, approver: Approver, fault: str = "") -> web.Response:
    tools, parts, wanted = request.app[APPROVALS], request.app[PARTS], _id(request)
    found = await tools.book.get(wanted)
    current = await tools.content.current(list(found.items))
    today = local(parts.clock.now()).date()
    items = [current[one] for one in found.items if one in current]
    crowd = await tools.book.audience_posts(found, today)
    page = render(
        parts,
        "approve_campaign.html",
        approve=say,
        campaign=found,
        rhythm=rhythm(found.schedule),
        whom=(await places_of(tools.places)).names(found.audience, tools.posts),
        people=sum(crowd.values()),
        fitting=sum(
            many
            for (posts, level), many in crowd.items()
            if any(one.fits(post, level) for one in items for post in posts)
        ),
        items=items,
        own=found.created_by == approver.account.id,
        may=_open_to(found, approver.account),
        fault=fault,
        token=_token(request, approver, found.id),
    )
    if fault:
        page.set_status(422)
    return page


async def campaign_decided(request: web.Request) -> web.Response:
    wanted = _id(request)
    approver, _form = await _poster(request, wanted)
    try:
        await request.app[APPROVALS].desk.approve(wanted, approver.account)
    except NotFoundError:
        raise
    except LianbotError as error:
        return await _campaign(request, approver, str(error))
    return await _list(request, approver, say.APPROVED)


# --- an addition or a correction ----------------------------------------------------------------


async def change(request: web.Request) -> web.Response:
    approver = await approver_of(request, await sign_in(request))
    if approver is None:
        return _stranger(request)
    return await _change(request, approver)


async def _change(request: web.Request, approver: Approver, fault: str = "") -> web.Response:
    tools, parts = request.app[APPROVALS], request.app[PARTS]
    found = await tools.changes.get(_id(request))
    page = render(
        parts,
        "approve_change.html",
        approve=say,
        change=found,
        kind=console.OCCURRENCE_KINDS[found.kind],
        standing=control.waiting_words(found),
        campaign=await tools.book.get(found.campaign_id),
        whom=await _whom(tools, found),
        notice=(await tools.content.get(found.notice)).edition if found.notice else None,
        own=found.asked_by == approver.account.id,
        may=found.waits_for(approver.account),
        fault=fault,
        token=_token(request, approver, found.id),
    )
    if fault:
        page.set_status(422)
    return page


async def _whom(tools: Approvals, found: Amendment) -> str:
    if found.audience is None:
        return say.CORRECTED
    return (await places_of(tools.places)).names(found.audience, tools.posts)


async def change_decided(request: web.Request) -> web.Response:
    """One step of its chain, or the no that ends it."""
    wanted = _id(request)
    approver, form = await _poster(request, wanted)
    try:
        decided = await request.app[APPROVALS].deciding.decide(
            wanted, approver.account, approved=form.get("decide") != "no"
        )
    except NotFoundError:
        raise
    except LianbotError as error:
        return await _change(request, approver, str(error))
    return await _list(request, approver, _said(decided))


def _said(decided: Amendment) -> str:
    match decided.state:
        case AmendmentState.ASKED:
            return say.STEP_APPROVED
        case AmendmentState.APPROVED:
            return say.APPROVED
        case AmendmentState.DECLINED:
            return say.DECLINED


def _id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise NotFoundError(pages.NO_SUCH_PAGE) from None
