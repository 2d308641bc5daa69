"""待办: explaining in person, and what workers say cannot be done or is wrong."""

from aiohttp import web

from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.phrases import console as say
from lianbot.ports.answers import FollowUp
from lianbot.ports.desk import TaskFilter
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, key_of, paging_of, text_of, to, visitor

NOTE_MOST = 200


def kinds_for(account: Account) -> frozenset[FollowUp]:
    """不同意 and 做不到 reach the reviewer (and the auditor), never the lead, the contractor or the scheduler (P8)."""
    kinds: set[FollowUp] = set()
    if account.may(Role.REVIEWER, Role.AUDITOR):
        kinds.add(FollowUp.REVIEW)
    if account.may(Role.SCHEDULER, Role.LEAD, Role.CONTRACTOR, Role.AUDITOR):
        kinds.add(FollowUp.READ_ALOUD)
    return frozenset(kinds)


def closable_for(account: Account) -> frozenset[FollowUp]:
    """Which kinds the account may close; reading is not closing."""
    kinds: set[FollowUp] = set()
    if account.may(Role.REVIEWER):
        kinds.add(FollowUp.REVIEW)
    if account.may(Role.SCHEDULER, Role.LEAD):
        kinds.add(FollowUp.READ_ALOUD)
    return frozenset(kinds)


class TaskPages:
    """The list, and closing one with a note."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        account = visitor(request).account
        open_only = request.query.get("show") != "all"
        wanted = TaskFilter(kinds=kinds_for(account), open_only=open_only)
        return await self._shell.page(
            request,
            "tasks.html",
            listed=await self._parts.reading.tasks(wanted, paging_of(request)),
            open_only=open_only,
            closable=closable_for(account),
            units=await self._parts.rectifying.units(),
        )

    async def close(self, request: web.Request) -> web.StreamResponse:
        await close_task(self._parts, self._shell, request)
        return to("/tasks", "closed")


async def close_task(parts: ConsoleParts, shell: Shell, request: web.Request) -> None:
    """Raises NotAllowedError when the task is not this account's, InvalidInputError without a note."""
    account = visitor(request).account
    task = await parts.reading.task(key_of(request))
    own = account.team_id is None or account.team_id == task.team_id
    if task.kind not in closable_for(account) or not own:
        raise NotAllowedError(say.NOT_YOURS)
    note = text_of(await form_of(request), "note", NOTE_MOST)
    if not note:
        raise InvalidInputError(say.FIELDS["note"], say.CLOSE_NOTE)
    await parts.reading.close_task(task.id, account.id, note, shell.now())
