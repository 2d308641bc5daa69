"""From a workbook to the store and back: all or nothing, the good rows on request, answers remembered."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from lianbot.domain.codes import Post
from lianbot.domain.people import Contractor, Site, Team, Worker
from lianbot.domain.posts import PostProfile
from lianbot.domain.roster import (
    Joined,
    PostMapping,
    RosterChanges,
    RosterMovedError,
    RosterReceipt,
    RosterSnapshot,
    Table,
    Updated,
    Verdict,
    WorkerFacts,
)
from lianbot.flows.enrolment import (
    ImportRequest,
    ImportResult,
    dry_run,
    import_roster,
    mentioned_contractors,
)
from lianbot.flows.enrolment_export import export_roster
from lianbot.sheets.reading import read_bytes, read_file
from lianbot.sheets.result import write_result
from lianbot.sheets.writing import Page, write_table

BY = UUID(int=99)
TODAY = date(2026, 12, 1)
PROFILES = tuple(
    PostProfile(code=code, name=name, short=name, aliases=(), send=(), never=(), topics=())
    for code, name in ((Post.COOK, "厨师"), (Post.CLEAN, "保洁"))
)
REQUEST = ImportRequest(named_contractors=("甲公司",))


class MemoryRoster:
    """A RosterStore in memory that keeps a notebook of what was written."""

    def __init__(self) -> None:
        self.state = RosterSnapshot(version=1)
        self.words: dict[str, dict[str, tuple[Post, ...]]] = {}
        self.applied: list[tuple[RosterChanges, UUID]] = []

    async def snapshot(self) -> RosterSnapshot:
        return self.state

    async def saved_mapping(self, contractors: Sequence[str]) -> PostMapping:
        return {name: self.words[name] for name in contractors if name in self.words}

    async def save_mapping(
        self, contractor: str, words: Mapping[str, tuple[Post, ...]], by: UUID
    ) -> None:
        self.words.setdefault(contractor, {}).update(words)

    async def apply(self, changes: RosterChanges, by: UUID) -> RosterReceipt:
        if changes.base_version != self.state.version:
            raise RosterMovedError("moved")
        self.applied.append((changes, by))
        self._places(changes)
        workers = {worker.id: worker for worker in self.state.workers}
        for change in changes.changes:
            if isinstance(change, Joined):
                worker_id = change.returning or UUID(int=len(workers) + 1)
                workers[worker_id] = self._worker(worker_id, change.facts)
            elif isinstance(change, Updated):
                workers[change.worker_id] = self._worker(change.worker_id, change.facts)
            else:
                workers[change.worker_id] = replace(workers[change.worker_id], ended=change.on)
        version = self.state.version + 1
        self.state = replace(
            self.state,
            version=version,
            workers=tuple(workers.values()),
            last_issued=changes.last_issued,
        )
        return RosterReceipt(version=version, joined=0, updated=0, left=0)

    def _places(self, changes: RosterChanges) -> None:
        state = self.state
        contractors = [*state.contractors]
        contractors += [
            Contractor(id=len(state.contractors) + n, name=name)
            for n, name in enumerate(changes.new_contractors, start=1)
        ]
        sites = [*state.sites]
        sites += [
            Site(id=len(state.sites) + n, name=name)
            for n, name in enumerate(changes.new_sites, start=1)
        ]
        teams = [*state.teams]
        for team in changes.new_teams:
            contractor = next(c.id for c in contractors if c.name == team.contractor)
            site = next(s.id for s in sites if s.name == team.site)
            teams.append(
                Team(id=len(teams) + 1, name=team.name, contractor_id=contractor, site_id=site)
            )
        self.state = replace(
            state, contractors=tuple(contractors), sites=tuple(sites), teams=tuple(teams)
        )

    def _worker(self, worker_id: UUID, facts: WorkerFacts) -> Worker:
        contractor = next(c.id for c in self.state.contractors if c.name == facts.contractor)
        return Worker(
            id=worker_id,
            number=facts.number,
            name=facts.name,
            phone=facts.phone,
            contractor_id=contractor,
            team_id=next(
                t.id
                for t in self.state.teams
                if (t.contractor_id, t.name) == (contractor, facts.team)
            ),
            site_id=next(s.id for s in self.state.sites if s.name == facts.site),
            posts=facts.posts,
            level=facts.level,
            employment=facts.employment,
            shift=facts.shift,
            started=facts.started,
        )


@pytest.fixture
def store() -> MemoryRoster:
    return MemoryRoster()


def file(*lines: str) -> tuple[Table, ...]:
    return read_bytes("名册.csv", "\n".join(("姓名,手机,班组,校区,岗位", *lines)).encode())


GOOD = "张三,13800000001,一班,东校区,保洁"
ASKS = "李四,13800000002,一班,东校区,面点"
BROKEN = "王五,138,一班,东校区,保洁"


async def run(
    store: MemoryRoster, tables: Sequence[Table], request: ImportRequest = REQUEST
) -> ImportResult:
    return await import_roster(
        tables, store, request=request, profiles=PROFILES, today=TODAY, by=BY
    )


async def test_the_first_import_makes_companies_sites_and_teams(store):
    await run(store, file(GOOD))
    assert [c.name for c in store.state.contractors] == ["甲公司"]
    assert [w.number for w in store.state.workers] == ["LB000001"]


async def test_the_same_file_a_second_time_writes_nothing(store):
    await run(store, file(GOOD))
    result = await run(store, file(GOOD))
    assert (result.receipt, result.refused, len(store.applied)) == (None, None, 1)


async def test_one_faulty_row_holds_everything_back(store):
    result = await run(store, file(GOOD, BROKEN))
    assert result.refused
    assert store.applied == []


async def test_the_good_rows_go_in_when_the_faulty_ones_are_set_aside(store):
    await run(store, file(GOOD, BROKEN), replace(REQUEST, set_aside_faulty=True))
    assert [w.name for w in store.state.workers] == ["张三"]


async def test_a_dry_run_writes_nothing(store):
    diff = await dry_run(file(GOOD), store, request=REQUEST, profiles=PROFILES, today=TODAY)
    assert diff.count(Verdict.JOINED) == 1
    assert store.applied == []


async def test_an_answer_about_a_post_is_remembered_for_the_next_file(store):
    answers = {"甲公司": {"面点": (Post.COOK,)}}
    await run(store, file(ASKS), replace(REQUEST, post_answers=answers))
    diff = await dry_run(
        file(ASKS, "赵六,13800000009,一班,东校区,面 点"),
        store,
        request=REQUEST,
        profiles=PROFILES,
        today=TODAY,
    )
    assert diff.post_questions == ()


async def test_many_leavers_wait_for_a_second_yes(store):
    await run(store, file(GOOD, GOOD.replace("张三", "李四").replace("0001", "0002")))
    result = await run(store, file(GOOD))
    assert result.refused
    assert await run(store, file(GOOD), replace(REQUEST, second_yes=True))
    assert [w.ended for w in store.state.workers] == [None, TODAY]


async def test_a_roster_that_moved_since_the_dry_run_is_not_written(store):
    with pytest.raises(RosterMovedError):
        await run(store, file(GOOD), replace(REQUEST, expected_version=5))


async def test_the_account_of_the_person_is_handed_to_the_store(store):
    await run(store, file(GOOD))
    assert store.applied[0][1] == BY


async def test_what_was_exported_as_a_workbook_comes_back_unchanged(store, tmp_path):
    await run(store, file(GOOD, GOOD.replace("张三", "李梅")))
    sheet = export_roster(store.state, profiles=PROFILES, with_employment=True)
    write_table(tmp_path / "a.xlsx", [Page(name="花名册", head=sheet.head, rows=sheet.rows)])
    result = await run(store, read_file(tmp_path / "a.xlsx"))
    assert result.diff.changes.empty


async def test_a_result_workbook_can_be_mended_and_imported_again(store, tmp_path):
    tables = file(GOOD, BROKEN)
    diff = await dry_run(tables, store, request=REQUEST, profiles=PROFILES, today=TODAY)
    write_result(tmp_path / "结果.xlsx", tables, diff)
    again = read_file(tmp_path / "结果.xlsx")
    assert [row.values[0] for row in again[0].rows] == ["张三", "王五"]


async def test_the_summary_in_front_tells_everything_but_the_rows(store, tmp_path):
    await run(store, file(GOOD, GOOD.replace("张三", "李四").replace("0001", "0002")))
    tables = read_bytes(
        "名册.csv",
        "姓名,手机,班组,校区,岗位,民族\n张三,13899999999,新班,北校区,面点,密\n王五,13800000005,新班,北校区,保洁,密\n合计,2".encode(),
    )
    diff = await dry_run(tables, store, request=REQUEST, profiles=PROFILES, today=TODAY)
    write_result(tmp_path / "结果.xlsx", tables, diff)
    with CalamineWorkbook.from_path(tmp_path / "结果.xlsx") as book:
        told = {str(row[0]) for row in book.get_sheet_by_name("汇总").to_python()}
    assert {"离职过多", "离职名单", "待回答", "将新建", "没有读取的列", "说明"} <= told


def test_the_companies_that_a_file_names_are_listed():
    tables = read_bytes("a.csv", "姓名,公司\n张三,甲公司\n李四,甲 公司\n王五,乙公司".encode())
    assert mentioned_contractors(tables) == ("甲公司", "乙公司")


async def test_25000_rows_from_workbook_to_result(store, tmp_path, capsys):
    path = tmp_path / "大.xlsx"
    head = ("姓名", "身份证号", "手机", "公司", "班组", "校区", "岗位", "入职日期", "备注")
    rows = (
        (f"员{chr(0x4E00 + n % 9000)}", f"53010219700101{n % 10_000:04d}", f"138{n:08d}", "甲公司", f"{n % 60}班",
         "东校区", "保洁", date(2024, 3, 1), "")
        for n in range(25_000)
    )  # fmt: skip
    write_table(path, [Page(name="花名册", head=head, rows=rows)])
    start = time.perf_counter()
    tables = read_file(path)
    read = time.perf_counter()
    diff = await dry_run(tables, store, request=REQUEST, profiles=PROFILES, today=TODAY)
    compared = time.perf_counter()
    write_result(tmp_path / "结果.xlsx", tables, diff)
    written = time.perf_counter()
    with capsys.disabled():
        sys.stdout.write(
            f"\n25,000 rows: read {read - start:.2f} s, compared {compared - read:.2f} s, "
            f"result written {written - compared:.2f} s\n"
        )
    assert diff.count(Verdict.JOINED) == 25_000
    assert _sheets(tmp_path / "结果.xlsx") == ["汇总", "花名册"]


def _sheets(path: Path) -> list[str]:
    with CalamineWorkbook.from_path(path) as book:
        return book.sheet_names
