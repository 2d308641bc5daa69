"""Mounts the console: every route of the table of rights with its handler, behind the gate."""

import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web

from lianbot.domain.errors import NotFoundError
from lianbot.phrases import console as say
from lianbot.web.console.accounts import AccountPages
from lianbot.web.console.ahead import AheadPages
from lianbot.web.console.bindings import BindingPages
from lianbot.web.console.campaigns import CampaignPages
from lianbot.web.console.content import ContentPages
from lianbot.web.console.control import ControlPages
from lianbot.web.console.figures import FigurePages
from lianbot.web.console.gate import Gate
from lianbot.web.console.ledger import LedgerPages
from lianbot.web.console.letters import LetterPages
from lianbot.web.console.oversight import OversightPages
from lianbot.web.console.overview import OverviewPages
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.pushes import PushPages
from lianbot.web.console.rectification import RectificationPages
from lianbot.web.console.rights import BY_NAME, RIGHTS
from lianbot.web.console.roster import RosterPages
from lianbot.web.console.roster_import import ImportPages
from lianbot.web.console.shell import PREFIX, Shell
from lianbot.web.console.signin import SignInPages
from lianbot.web.console.tasks import TaskPages
from lianbot.web.console.team import TeamPages
from lianbot.web.console.terms import TermPages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HERE = Path(__file__).parent
VENDOR = HERE.parent / "static" / "vendor"


def add_console(app: web.Application, parts: ConsoleParts) -> web.Application:
    """Mounts everything under /console and gives the inner application.

    Raises ValueError when demo mode is asked for over https:
    the role switcher must never stand on an address that strangers reach.
    """
    if parts.demo and parts.secure:
        raise ValueError("the demo's role switcher is for a plain local address only")
    shell = Shell(parts)
    gate = Gate(parts, shell, BY_NAME)
    inner = web.Application(middlewares=gate.middlewares())
    handlers = _handlers(parts, shell)
    for right in RIGHTS:
        inner.router.add_route(right.method, right.path, handlers[right.name], name=right.name)
    app.router.add_get(PREFIX, _to_front)
    app.add_subapp(PREFIX, inner)
    return inner


async def _to_front(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=308, headers={"Location": f"{PREFIX}/"})


def _handlers(parts: ConsoleParts, shell: Shell) -> Mapping[str, Handler]:
    signin = SignInPages(parts, shell)
    campaigns = CampaignPages(parts, shell)
    terms = TermPages(parts, shell)
    ahead = AheadPages(parts, shell)
    content = ContentPages(parts, shell)
    control = ControlPages(parts, shell)
    pushes = PushPages(parts, shell, control)
    figures = FigurePages(parts, shell)
    roster = RosterPages(parts, shell)
    imports = ImportPages(parts, shell)
    binding = BindingPages(parts, shell)
    ledger = LedgerPages(parts, shell)
    tasks = TaskPages(parts, shell)
    mending = RectificationPages(parts, shell)
    letters = LetterPages(parts, shell)
    team = TeamPages(parts, shell)
    oversight = OversightPages(parts, shell)
    accounts = AccountPages(parts, shell)
    return {
        "static": Static().serve,
        "signin": signin.form,
        "signin.enter": signin.enter,
        "demo.switch": signin.switch,
        "signout": signin.leave,
        "self": signin.own,
        "self.password": signin.change_password,
        "self.totp": signin.enrol,
        "overview": OverviewPages(parts, shell).show,
        "roster": roster.show,
        "roster.client": roster.client,
        "roster.export": roster.export,
        "roster.intake": imports.form,
        "roster.upload": imports.upload,
        "roster.bench": imports.show,
        "roster.decide": imports.decide,
        "roster.result": imports.result,
        "bindings": binding.show,
        "binding.slips": binding.slips,
        "binding.posters": binding.posters,
        "binding.end": binding.end,
        "newcomer.accept": binding.accept,
        "newcomer.refuse": binding.refuse,
        "content": content.show,
        "edition": content.edition,
        "edition.media": content.media,
        "edition.adopt": content.adopt,
        "campaigns": campaigns.show,
        "campaign.new": campaigns.form,
        "campaign.create": campaigns.create,
        "campaign": campaigns.one,
        "campaign.approve": campaigns.approve,
        "campaign.pause": campaigns.pause,
        "campaign.resume": campaigns.resume,
        "campaign.stop": campaigns.stop,
        "terms": terms.show,
        "term.create": terms.create,
        "term": terms.one,
        "term.approve": terms.approve,
        "term.week": terms.week,
        "ahead": ahead.show,
        "burden": ahead.burden,
        "push": pushes.show,
        "push.live": pushes.live,
        "push.rows": pushes.rows,
        "push.add": control.add,
        "push.correct": control.correct,
        "push.unknown": control.unknown,
        "push.recall": control.recall,
        "change.approve": control.approve,
        "change.decline": control.decline,
        "alert.close": oversight.close_alert,
        "stats": figures.show,
        "stats.export": figures.export,
        "ledger": ledger.show,
        "ledger.checkpoint": ledger.checkpoint,
        "ledger.export": ledger.export,
        "ledger.verify": ledger.verify,
        "tasks": tasks.show,
        "task.close": tasks.close,
        "task.rectify": mending.from_task,
        "rectifications": mending.show,
        "rectifications.export": mending.export,
        "rectification.add": mending.add,
        "rectification": mending.one,
        "rectification.charge": mending.charge,
        "rectification.done": mending.done,
        "rectification.close": mending.close,
        "rectification.back": mending.send_back,
        "rectification.reopen": mending.reopen,
        "rectification.drop": mending.drop,
        "proposals": mending.proposals,
        "proposal.close": mending.close_proposal,
        "letters": letters.show,
        "letters.put": letters.put,
        "letters.take": letters.take,
        "letters.propose": letters.propose,
        "team": team.show,
        "team.names": team.names,
        "team.close": team.close,
        "audit": oversight.audit,
        "accounts": accounts.show,
        "account.add": accounts.add,
        "account.password": accounts.reset_password,
        "account.disable": accounts.disable,
        "account.totp": accounts.reset_totp,
        "account.person": accounts.name_person,
        "health": oversight.health,
        "stop_all": oversight.stop_all,
    }


class Static:
    """Scripts and styles, our own and the two libraries; nothing else can be named."""

    def __init__(self) -> None:
        folders = (HERE / "static", VENDOR)
        self._files = {
            path.name: (path.read_bytes(), mimetypes.guess_type(path.name)[0] or "text/plain")
            for folder in folders
            if folder.is_dir()
            for path in folder.iterdir()
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise NotFoundError(say.NO_SUCH_PAGE)
        body, kind = found
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(
            body=body,
            content_type=kind,
            charset=charset,
            headers={"Cache-Control": "no-cache"},
        )
