"""Which workers are approvers, for the phone pages: the console's own rule, looked at anew each time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from lianbot.domain.campaigns import Campaign
from lianbot.domain.people import Account, KnownWorker
from lianbot.flows.additions import Deciding
from lianbot.flows.campaign import CampaignDesk
from lianbot.ports.campaigns import CampaignBook
from lianbot.ports.control import AmendmentBook
from lianbot.ports.desk import AccountDesk, ContentDesk, PlacesDesk
from lianbot.web.console.rights import may


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """What the approver's pages read and change. `posts` are names by code."""

    accounts: AccountDesk
    content: ContentDesk
    book: CampaignBook
    desk: CampaignDesk
    changes: AmendmentBook
    deciding: Deciding
    places: PlacesDesk
    posts: Mapping[str, str]
    due_between: Callable[[Campaign, datetime, datetime], list[datetime]]


APPROVALS = web.AppKey("approvals", Approvals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """A worker with a console account that may approve."""

    worker: KnownWorker
    account: Account


async def approver_of(request: web.Request, who: KnownWorker | None) -> Approver | None:
    """The worker with the account that may approve; None for everybody else."""
    tools = request.app.get(APPROVALS)
    if who is None or tools is None:
        return None
    for account in await tools.accounts.of_worker(who.id):
        if may(account, "edition.adopt"):
            return Approver(worker=who, account=account)
    return None
