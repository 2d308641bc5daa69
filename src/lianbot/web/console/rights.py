"""Who may do what: one table, role × route (design §8). A route that is not in it does not exist."""

from collections.abc import Iterable
from dataclasses import dataclass

from lianbot.domain.people import Account, Role

EDITOR = Role.EDITOR
REVIEWER = Role.REVIEWER
SCHEDULER = Role.SCHEDULER
LEAD = Role.LEAD
CONTRACTOR = Role.CONTRACTOR
OFFICER = Role.OFFICER
AUDITOR = Role.AUDITOR
SYSADMIN = Role.SYSADMIN

EVERYBODY = frozenset(Role)
OUTSIDE = frozenset({LEAD, CONTRACTOR})
"""Held to their own team or company."""
OFFICE = EVERYBODY - OUTSIDE
LEDGER_READERS = frozenset({EDITOR, REVIEWER, SCHEDULER, OFFICER, AUDITOR})
"""Who reads what has to be mended: the office, without those who only keep machines or accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One route and the roles that may use it; one of them is enough.

    `barred` roles may not, whatever else the account holds: a system administrator cannot approve.
    `open_to_all`: no session is needed.
    """

    name: str
    method: str
    path: str
    roles: frozenset[Role]
    barred: frozenset[Role] = frozenset()
    open_to_all: bool = False

    def allows(self, account: Account) -> bool:
        return account.may(*self.roles) and not account.may(*self.barred)


def _right(
    name: str, method: str, path: str, roles: Iterable[Role], barred: Iterable[Role] = ()
) -> Right:
    return Right(
        name=name, method=method, path=path, roles=frozenset(roles), barred=frozenset(barred)
    )


def _open(name: str, method: str, path: str) -> Right:
    return Right(name=name, method=method, path=path, roles=EVERYBODY, open_to_all=True)


RIGHTS: tuple[Right, ...] = (
    # signing in, and one's own account
    _open("signin", "GET", "/signin"),
    _open("signin.enter", "POST", "/signin"),
    _open("demo.switch", "POST", "/demo/switch"),
    _open("static", "GET", "/static/{name}"),
    _right("signout", "POST", "/signout", EVERYBODY),
    _right("self", "GET", "/self", EVERYBODY),
    _right("self.password", "POST", "/self/password", EVERYBODY),
    _right("self.totp", "POST", "/self/totp", EVERYBODY),
    _right("overview", "GET", "/", EVERYBODY),
    # roster
    _right("roster", "GET", "/roster", [SCHEDULER, AUDITOR]),
    _right("roster.client", "POST", "/roster/client", [SCHEDULER]),
    _right("roster.export", "GET", "/roster.xlsx", [SCHEDULER, AUDITOR]),
    _right("roster.intake", "GET", "/roster/import", [SCHEDULER]),
    _right("roster.upload", "POST", "/roster/import", [SCHEDULER]),
    _right("roster.bench", "GET", "/roster/import/{bench}", [SCHEDULER]),
    _right("roster.decide", "POST", "/roster/import/{bench}", [SCHEDULER]),
    _right("roster.result", "GET", "/roster/import/{bench}/result.xlsx", [SCHEDULER]),
    # bindings: who is bound, who waits; printed codes bind, so only the scheduler prints
    _right("bindings", "GET", "/bindings", [SCHEDULER, AUDITOR]),
    _right("binding.slips", "POST", "/bindings/slips.pdf", [SCHEDULER]),
    _right("binding.posters", "POST", "/bindings/posters.pdf", [SCHEDULER]),
    _right("binding.end", "POST", "/bindings/{id}/end", [SCHEDULER]),
    _right("newcomer.accept", "POST", "/newcomers/{id}/accept", [SCHEDULER]),
    _right("newcomer.refuse", "POST", "/newcomers/{id}/refuse", [SCHEDULER]),
    # content
    _right("content", "GET", "/content", [EDITOR, REVIEWER, SCHEDULER, OFFICER, AUDITOR]),
    _right("edition", "GET", "/content/{sha}", [EDITOR, REVIEWER, SCHEDULER, OFFICER, AUDITOR]),
    _right(
        "edition.media",
        "GET",
        "/content/{sha}/media/{media}",
        [EDITOR, REVIEWER, SCHEDULER, OFFICER, AUDITOR],
    ),
    _right("edition.adopt", "POST", "/content/{sha}/adopt", [REVIEWER], [SYSADMIN]),
    # campaigns
    _right("campaigns", "GET", "/campaigns", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    _right("campaign.new", "GET", "/campaigns/new", [EDITOR, SCHEDULER]),
    _right("campaign.create", "POST", "/campaigns/new", [EDITOR, SCHEDULER]),
    _right("campaign", "GET", "/campaigns/{id}", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    _right("campaign.approve", "POST", "/campaigns/{id}/approve", [REVIEWER], [SYSADMIN]),
    _right("campaign.pause", "POST", "/campaigns/{id}/pause", [SCHEDULER]),
    _right("campaign.resume", "POST", "/campaigns/{id}/resume", [SCHEDULER]),
    _right("campaign.stop", "POST", "/campaigns/{id}/stop", [SCHEDULER]),
    # terms: many campaigns in one sitting; what is coming, and how much was asked
    _right("terms", "GET", "/terms", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    _right("term.create", "POST", "/terms", [EDITOR, SCHEDULER]),
    _right("term", "GET", "/terms/{id}", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    _right("term.approve", "POST", "/terms/{id}/approve", [REVIEWER], [SYSADMIN]),
    _right("term.week", "POST", "/terms/{id}/week", [EDITOR, SCHEDULER]),
    _right("ahead", "GET", "/ahead", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    _right("burden", "GET", "/burden", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    # pushes under way: figures for all who plan and approve, rows with names for those who mend
    _right("push", "GET", "/pushes/{id}", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    _right("push.live", "GET", "/pushes/{id}/live", [EDITOR, REVIEWER, SCHEDULER, AUDITOR]),
    _right("push.rows", "GET", "/pushes/{id}/rows", [SCHEDULER, AUDITOR]),
    # what people do to a push; what is new for workers needs a second account
    _right("push.add", "POST", "/pushes/{id}/add", [SCHEDULER]),
    _right("push.correct", "POST", "/pushes/{id}/correct", [EDITOR, SCHEDULER]),
    _right("push.unknown", "POST", "/pushes/{id}/unknown", [SCHEDULER]),
    _right("push.recall", "POST", "/pushes/{id}/recall", [SCHEDULER]),
    _right("change.approve", "POST", "/changes/{id}/approve", [REVIEWER], [SYSADMIN]),
    _right("change.decline", "POST", "/changes/{id}/decline", [REVIEWER], [SYSADMIN]),
    _right("alert.close", "POST", "/alerts/{id}/close", [SCHEDULER, SYSADMIN]),
    # figures
    _right("stats", "GET", "/stats", [EDITOR, REVIEWER, SCHEDULER, OFFICER, AUDITOR]),
    _right("stats.export", "GET", "/stats.xlsx", [EDITOR, REVIEWER, SCHEDULER, OFFICER, AUDITOR]),
    # ledger
    _right("ledger", "GET", "/ledger", [REVIEWER, SCHEDULER, OFFICER, AUDITOR]),
    _right("ledger.checkpoint", "POST", "/ledger/checkpoint", [SCHEDULER, AUDITOR]),
    _right("ledger.export", "POST", "/ledger/export", [AUDITOR]),
    _right("ledger.verify", "POST", "/ledger/verify", [REVIEWER, AUDITOR]),
    # tasks: what a worker disagreed with or cannot do never reaches lead or contractor (P8)
    _right("tasks", "GET", "/tasks", [REVIEWER, SCHEDULER, AUDITOR]),
    _right("task.close", "POST", "/tasks/{id}/close", [REVIEWER, SCHEDULER]),
    _right("task.rectify", "POST", "/tasks/{id}/rectify", [REVIEWER], [SYSADMIN]),
    # what has to be mended: raised and verified by those who answer for it, done by the owner in the office
    _right("rectifications", "GET", "/rectifications", LEDGER_READERS),
    _right("rectifications.export", "GET", "/rectifications.xlsx", LEDGER_READERS),
    _right("rectification.add", "POST", "/rectifications", [REVIEWER, OFFICER]),
    _right("rectification", "GET", "/rectifications/{id}", LEDGER_READERS),
    _right("rectification.charge", "POST", "/rectifications/{id}/charge", [REVIEWER, OFFICER]),
    _right(
        "rectification.done",
        "POST",
        "/rectifications/{id}/done",
        [EDITOR, REVIEWER, SCHEDULER, OFFICER],
    ),
    _right("rectification.close", "POST", "/rectifications/{id}/close", [REVIEWER, OFFICER]),
    _right("rectification.back", "POST", "/rectifications/{id}/back", [REVIEWER, OFFICER]),
    _right("rectification.reopen", "POST", "/rectifications/{id}/reopen", [REVIEWER, OFFICER]),
    _right("rectification.drop", "POST", "/rectifications/{id}/drop", [REVIEWER, OFFICER]),
    # questions that workers handed over, and the officer's ideas for lessons
    _right("proposals", "GET", "/proposals", [EDITOR, REVIEWER]),
    _right("proposal.close", "POST", "/proposals/{id}/close", [EDITOR, REVIEWER]),
    # sealed files: the officer alone, not even the auditor (design §8)
    _right("letters", "GET", "/letters", [OFFICER], [SYSADMIN]),
    _right("letters.put", "POST", "/letters", [OFFICER], [SYSADMIN]),
    _right("letters.take", "GET", "/letters/files/{name}", [OFFICER], [SYSADMIN]),
    _right("letters.propose", "POST", "/letters/propose", [OFFICER], [SYSADMIN]),
    # a team's own page
    _right("team", "GET", "/team", OUTSIDE),
    _right("team.names", "POST", "/team/names", OUTSIDE),
    _right("team.close", "POST", "/team/tasks/{id}/close", [LEAD]),
    # audit, accounts, health
    _right("audit", "GET", "/audit", [AUDITOR]),
    _right("accounts", "GET", "/accounts", [SYSADMIN]),
    _right("account.add", "POST", "/accounts", [SYSADMIN]),
    _right("account.password", "POST", "/accounts/{id}/password", [SYSADMIN]),
    _right("account.disable", "POST", "/accounts/{id}/disable", [SYSADMIN]),
    _right("account.totp", "POST", "/accounts/{id}/totp", [SYSADMIN]),
    _right("account.person", "POST", "/accounts/{id}/person", [SYSADMIN]),
    _right("health", "GET", "/health", [SYSADMIN, SCHEDULER, AUDITOR]),
    _right("stop_all", "POST", "/health/stop-all", [SYSADMIN, SCHEDULER]),
)

BY_NAME: dict[str, Right] = {right.name: right for right in RIGHTS}


def may(account: Account, name: str) -> bool:
    """Whether the account may use the route of that name."""
    return BY_NAME[name].allows(account)


DUTIES_APART: tuple[tuple[frozenset[Role], frozenset[Role]], ...] = (
    (frozenset({SYSADMIN}), frozenset({REVIEWER, OFFICER, LEAD, CONTRACTOR})),
    (OUTSIDE, OFFICE),
)
"""Roles that one account must not hold together: who makes accounts cannot approve, who is outside stays outside."""


def conflict(roles: frozenset[Role]) -> tuple[Role, Role] | None:
    """Two roles of the set that must not meet in one account, None when all may."""
    for left, right in DUTIES_APART:
        for one in sorted(roles & left):
            for other in sorted(roles & right):
                return one, other
    return None
