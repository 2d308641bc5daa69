"""Roster import: upload, look at the differences, answer questions once, say yes (twice where many would leave)."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.roster import (
    PersonQuestion,
    PostQuestion,
    RosterDiff,
    RosterMovedError,
    RowOutcome,
    RowRef,
    Table,
    Verdict,
)
from lianbot.flows.enrolment import (
    ImportRequest,
    ImportResult,
    dry_run,
    import_roster,
    mentioned_contractors,
)
from lianbot.phrases import console as say
from lianbot.phrases import roster as roster_say
from lianbot.ports.desk import Listed
from lianbot.web.console.campaign_form import many
from lianbot.web.console.files import XLSX, download, written
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, number_of, paging_of, to, visitor

KEPT = timedelta(minutes=30)
MOST_BENCHES = 8
"""Uploaded tables lie in memory until they are imported; a roster of 25,000 rows takes some 30 MB."""


@dataclass(slots=True)
class Bench:
    """One upload on the table: what was read, what was answered so far, whose it is."""

    file: str
    tables: tuple[Table, ...]
    owner: UUID
    until: datetime
    request: ImportRequest = field(default_factory=ImportRequest)


class ImportPages:
    """The way of one file into the roster."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell
        self._benches: OrderedDict[str, Bench] = OrderedDict()

    async def form(self, request: web.Request) -> web.StreamResponse:
        return await self._shell.page(request, "roster_upload.html", fault="")

    async def upload(self, request: web.Request) -> web.StreamResponse:
        given = (await form_of(request)).get("file")
        if not isinstance(given, web.FileField) or not given.filename:
            return await self._refuse(request, f"{say.FIELDS['file']}：{say.NO_FILE}")
        data = await asyncio.to_thread(given.file.read)
        try:
            tables = await asyncio.to_thread(self._parts.sheets.read, given.filename, data)
        except InvalidInputError as error:
            return await self._refuse(request, str(error))
        now = self._shell.now()
        # no company is ticked for anybody: that a file is complete is for a person to say
        bench = Bench(
            file=given.filename[:120],
            tables=tables,
            owner=visitor(request).account.id,
            until=now + KEPT,
        )
        return to(f"/roster/import/{self._keep(bench, now)}")

    async def _refuse(self, request: web.Request, fault: str) -> web.Response:
        return await self._shell.page(request, "roster_upload.html", status=400, fault=fault)

    def _keep(self, bench: Bench, now: datetime) -> str:
        for key in [key for key, one in self._benches.items() if one.until < now]:
            del self._benches[key]
        while len(self._benches) >= MOST_BENCHES:
            self._benches.popitem(last=False)
        key = secrets.token_urlsafe(16)
        self._benches[key] = bench
        return key

    def _bench(self, request: web.Request) -> Bench:
        """Only the one who uploaded it gets at it."""
        bench = self._benches.get(request.match_info["bench"])
        mine = bench is not None and bench.owner == visitor(request).account.id
        if bench is None or not mine or bench.until < self._shell.now():
            raise NotFoundError(say.BENCH_GONE)
        return bench

    # ---- looking -------------------------------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.StreamResponse:
        bench = self._bench(request)
        return await self._diff_page(request, bench, await self._compare(bench))

    async def _compare(self, bench: Bench) -> RosterDiff:
        return await dry_run(
            bench.tables,
            self._parts.roster,
            request=bench.request,
            profiles=list(self._parts.profiles.values()),
            today=self._today(),
        )

    def _today(self) -> date:
        return local(self._shell.now()).date()

    async def _diff_page(
        self, request: web.Request, bench: Bench, diff: RosterDiff, fault: str = ""
    ) -> web.Response:
        shown = request.query.get("verdict", "")
        rows = [one for one in diff.outcomes if _wanted(one, shown)]
        paging = paging_of(request)
        known = [one.name for one in await self._parts.places.contractors()]
        offered = list(dict.fromkeys([*mentioned_contractors(bench.tables), *known]))
        return await self._shell.page(
            request,
            "roster_diff.html",
            status=400 if fault else 200,
            fault=fault,
            key=request.match_info["bench"],
            bench=bench,
            diff=diff,
            counts={verdict: diff.count(verdict) for verdict in Verdict},
            offered=offered,
            new_companies=[name for name in offered if name not in known],
            listed=Listed(
                rows=tuple(rows[paging.offset : paging.offset + paging.size]),
                total=len(rows),
                paging=paging,
            ),
            shown=shown,
            verdicts=Verdict,
            roster_say=roster_say,
            posts={code: one.name for code, one in self._parts.profiles.items()},
        )

    # ---- deciding ------------------------------------------------------------------------------------------

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """`step` = look: take the answers and compare again; `step` = import: write it, all or nothing.

        Answers that were just given are shown first: nobody leaves the roster unseen.
        """
        bench = self._bench(request)
        form = await form_of(request)
        answered = read_answers(form, bench.request, await self._compare(bench))
        fresh = answered != bench.request
        bench.request = answered
        if form.get("step") != "import":
            return to(f"/roster/import/{request.match_info['bench']}")
        if fresh:
            again = await self._compare(bench)
            return await self._diff_page(request, bench, again, say.LOOK_AGAIN)
        try:
            result = await self._import(bench, form)
        except RosterMovedError:
            again = await self._compare(bench)
            return await self._diff_page(request, bench, again, roster_say.ROSTER_MOVED)
        if result.refused:
            return await self._diff_page(request, bench, result.diff, result.refused)
        return await self._shell.page(
            request,
            "roster_done.html",
            key=request.match_info["bench"],
            bench=bench,
            result=result,
            roster_say=roster_say,
        )

    async def _import(self, bench: Bench, form: Mapping[str, Any]) -> ImportResult:
        """`version` is the roster that the person saw: when it moved meanwhile, nothing is written."""
        asked = replace(
            bench.request,
            set_aside_faulty=form.get("set_aside") == "yes",
            second_yes=form.get("second_yes") == "yes",
            expected_version=number_of(form, "version", 0, 10**9),
        )
        return await import_roster(
            bench.tables,
            self._parts.roster,
            request=asked,
            profiles=list(self._parts.profiles.values()),
            today=self._today(),
            by=bench.owner,
        )

    async def result(self, request: web.Request) -> web.StreamResponse:
        """The same workbook with the column 处理结果."""
        bench = self._bench(request)
        diff = await self._compare(bench)
        body = await written(
            lambda path: self._parts.sheets.write_result(path, bench.tables, diff)
        )
        name = say.file_name("花名册处理结果", f"{self._today():%Y%m%d}", "xlsx")
        return download(body, name, XLSX)


def read_answers(
    form: Mapping[str, Any], before: ImportRequest, diff: RosterDiff
) -> ImportRequest:
    """What was ticked and chosen. Questions are named by their place in the list that was shown."""
    return replace(
        before,
        named_contractors=many(form, "named"),
        use_numbers=form.get("use_numbers", "yes") == "yes",
        post_answers=_posts(form, before, diff.post_questions),
        same_person=_persons(form, before, diff.person_questions),
    )


def _posts(
    form: Mapping[str, Any], before: ImportRequest, questions: Sequence[PostQuestion]
) -> dict[str, dict[str, tuple[Post, ...]]]:
    answers = {name: dict(words) for name, words in before.post_answers.items()}
    for at, question in enumerate(questions):
        code = form.get(f"post-{at}", "")
        if not code or form.get(f"word-{at}") != question.word:
            continue
        if code not in set(Post):
            raise InvalidInputError(say.FIELDS["posts"], say.NOT_CHOSEN)
        answers.setdefault(question.contractor, {})[question.word] = (Post(code),)
    return answers


def _persons(
    form: Mapping[str, Any], before: ImportRequest, questions: Sequence[PersonQuestion]
) -> dict[RowRef, bool]:
    answers = dict(before.same_person)
    for at, question in enumerate(questions):
        said = form.get(f"person-{at}", "")
        place = f"{question.ref.sheet}:{question.ref.row}"
        if said in ("yes", "no") and form.get(f"place-{at}") == place:
            answers[question.ref] = said == "yes"
    return answers


def _wanted(outcome: RowOutcome, shown: str) -> bool:
    """Without a choice: everything that changes or needs a look."""
    if shown:
        return outcome.verdict.value == shown
    return outcome.verdict is not Verdict.UNCHANGED
