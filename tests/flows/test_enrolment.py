"""A file beside the roster: who joined, left, moved, changed, and what must be asked."""

import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.codes import Level, Post
from lianbot.domain.people import (
    Binding,
    ChannelKind,
    Contractor,
    Employment,
    Site,
    Team,
    Worker,
)
from lianbot.domain.posts import PostProfile
from lianbot.domain.roster import (
    Column,
    Joined,
    Left,
    RosterDiff,
    RosterSnapshot,
    RowRef,
    Table,
    TableRow,
    Updated,
    Verdict,
)
from lianbot.flows.enrolment import ImportRequest, compare
from lianbot.flows.enrolment_export import export_roster

TODAY = date(2026, 12, 1)
PROFILES = tuple(
    PostProfile(
        code=code, name=name, short=name, aliases=aliases, send=(), never=(), topics=()
    )
    for code, name, aliases in (
        (Post.COOK, "厨师", ("炒锅", "切配")),
        (Post.CLEAN, "保洁", ("保洁员", "清洁工")),
        (Post.GUARD, "保安", ("门卫",)),
        (Post.LEAD, "班组长", ("班长",)),
        (Post.RECV, "验收", ("收货",)),
        (Post.STORE, "库管", ()),
    )
)  # fmt: skip
FIELDS = {
    "number": Column.NUMBER, "name": Column.NAME, "phone": Column.PHONE, "company": Column.CONTRACTOR,
    "team": Column.TEAM, "site": Column.SITE, "post": Column.POST, "level": Column.LEVEL,
    "employment": Column.EMPLOYMENT, "started": Column.STARTED, "ended": Column.ENDED,
    "status": Column.STATUS, "wecom": Column.WECOM, "tags": Column.TAGS,
}  # fmt: skip


def table(*rows: dict[str, str], sheet: str = "表") -> Table:
    columns = tuple(dict.fromkeys(FIELDS[key] for row in rows for key in row))
    named = [{FIELDS[key]: value for key, value in row.items()} for row in rows]
    return Table(
        file="a.xlsx",
        sheet=sheet,
        head_row=1,
        head=tuple(c.value for c in columns),
        columns=columns,
        rows=tuple(
            TableRow(row=n, values=tuple(row.get(c, "") for c in columns))
            for n, row in enumerate(named, start=2)
        ),
    )


def person(name: str = "李四", **cells: str) -> dict[str, str]:
    return {"name": name, "company": "甲公司", "team": "一班", "post": "保洁", **cells}


def worker(n: int, name: str, **more: Any) -> Worker:
    facts: dict[str, Any] = {
        "id": UUID(int=n),
        "number": f"{n:04d}",
        "name": name,
        "phone": f"1380000{n:04d}",
        "contractor_id": 1,
        "team_id": 1,
        "site_id": 1,
        "posts": (Post.CLEAN,),
        "level": Level.L6,
    }
    return Worker(**{**facts, **more})


def roster(*workers: Worker, **more: Any) -> RosterSnapshot:
    facts: dict[str, Any] = {
        "version": 7,
        "contractors": (Contractor(id=1, name="甲公司"), Contractor(id=2, name="乙公司")),
        "sites": (Site(id=1, name="东校区"), Site(id=2, name="西校区")),
        "teams": (
            Team(id=1, name="一班", contractor_id=1, site_id=1),
            Team(id=2, name="二班", contractor_id=1, site_id=2),
            Team(id=3, name="一班", contractor_id=2, site_id=1),
        ),
        "workers": workers,
    }
    return RosterSnapshot(**{**facts, **more})


def difference(
    current: RosterSnapshot, *tables: Table, mapping: Any = None, **request: Any
) -> RosterDiff:
    return compare(
        current,
        tables,
        request=ImportRequest(**request),
        mapping=mapping or {},
        profiles=PROFILES,
        today=TODAY,
    )


def only(diff: RosterDiff) -> Any:
    (change,) = diff.changes.changes
    return change


def verdicts(diff: RosterDiff) -> list[Verdict]:
    return [outcome.verdict for outcome in diff.outcomes]


ROW_2, ROW_3 = RowRef(sheet="表", row=2), RowRef(sheet="表", row=3)
ZHANG = worker(1, "张三")

# ---- joining


def test_a_newcomer_joins_with_the_facts_of_the_row():
    row = person("李四", number="9", phone="139-0000-0001", site="西校区", started="2026.11.2")
    facts = only(difference(roster(), table(row))).facts
    assert (facts.number, facts.phone, facts.site, facts.started, facts.posts) == (
        "9", "13900000001", "西校区", date(2026, 11, 2), (Post.CLEAN,)
    )  # fmt: skip


def test_a_newcomer_without_a_number_gets_the_next_of_ours():
    diff = difference(roster(last_issued=41), table(person("李四"), person("王五")))
    assert [c.facts.number for c in diff.changes.changes if isinstance(c, Joined)] == [
        "LB000042",
        "LB000043",
    ]
    assert diff.changes.last_issued == 43


def test_a_number_of_ours_is_not_given_again_when_the_counter_lags():
    gone = worker(1, "张三", number="LB000007", ended=TODAY)
    assert only(difference(roster(gone), table(person("李四")))).facts.number == "LB000008"


def test_a_faulty_row_uses_up_no_number():
    diff = difference(roster(), table(person("李四", post=""), person("王五")))
    assert only(diff).facts.number == "LB000001"


@pytest.mark.parametrize(
    ("post", "level"),
    [
        ("保洁", Level.L6),
        ("班长", Level.L4),
        ("收货", Level.L5),
        ("库管", Level.L5),
        ("保洁/班长", Level.L4),
    ],
)
def test_the_level_of_a_newcomer_follows_the_post(post, level):
    assert only(difference(roster(), table(person("李四", post=post)))).facts.level is level


def test_a_written_level_wins():
    facts = only(difference(roster(), table(person("李四", level="l3")))).facts
    assert facts.level is Level.L3


def test_a_newcomer_works_where_the_team_works_when_no_site_is_written():
    assert only(difference(roster(), table(person("李四", team="二班")))).facts.site == "西校区"


def test_somebody_who_left_comes_back_under_the_old_record():
    gone = worker(1, "张三", ended=date(2026, 1, 1))
    change = only(difference(roster(gone), table(person("张三", number="0001"))))
    assert change.returning == gone.id


def test_the_number_of_somebody_who_left_is_not_used_again():
    gone = worker(1, "张三", ended=date(2026, 1, 1))
    diff = difference(roster(gone), table(person("李四", number="0001")))
    assert verdicts(diff) == [Verdict.ERROR]


@pytest.mark.parametrize("missing", ["post", "team", "name"])
def test_a_newcomer_without_a_needed_cell_is_an_error(missing):
    assert verdicts(difference(roster(), table(person(**{missing: ""})))) == [Verdict.ERROR]


# ---- companies, teams, sites


def test_an_unknown_company_is_an_error_unless_named():
    row = person("李四", company="丙公司", site="东校区")
    assert verdicts(difference(roster(), table(row))) == [Verdict.ERROR]


def test_a_named_new_company_is_made():
    row = person("李四", company="丙公司", site="东校区")
    diff = difference(roster(), table(row), named_contractors=("丙公司",))
    assert diff.changes.new_contractors == ("丙公司",)
    assert [(t.name, t.contractor, t.site) for t in diff.changes.new_teams] == [
        ("一班", "丙公司", "东校区")
    ]


def test_the_only_named_company_stands_for_a_missing_column():
    row = person("李四")
    del row["company"]
    assert (
        only(difference(roster(), table(row), named_contractors=("乙公司",))).facts.contractor
        == "乙公司"
    )


def test_a_sheet_named_after_a_company_stands_for_a_missing_column():
    row = person("李四")
    del row["company"]
    diff = difference(roster(), table(row, sheet="乙公司"), named_contractors=("甲公司", "乙公司"))
    assert only(diff).facts.contractor == "乙公司"


def test_no_company_at_all_is_an_error():
    row = person("李四")
    del row["company"]
    assert verdicts(difference(roster(), table(row))) == [Verdict.ERROR]


def test_names_compare_without_blanks_and_width():
    assert (
        difference(
            roster(), table(person("李四", company=" 甲 公司", team="一　班"))
        ).changes.new_teams
        == ()
    )


def test_a_new_team_works_where_most_of_its_rows_say():
    rows = [
        person(f"人{c}", team="三班", site=site)
        for c, site in zip("甲乙丙", ("西校区", "东校区", "西校区"), strict=True)
    ]
    (team,) = difference(roster(), table(*rows)).changes.new_teams
    assert team.site == "西校区"


def test_a_new_team_without_any_site_is_an_error():
    assert verdicts(difference(roster(), table(person("李四", team="三班")))) == [Verdict.ERROR]


def test_a_faulty_row_makes_no_new_places():
    row = person("李四", team="三班", site="南校区", post="")
    changes = difference(roster(), table(row)).changes
    assert (changes.new_teams, changes.new_sites) == ((), ())


# ---- staying, changing, moving


def test_a_row_that_says_what_the_roster_says_changes_nothing():
    diff = difference(roster(ZHANG), table(person("张三", number="0001", phone=ZHANG.phone)))
    assert diff.changes.empty


def test_an_empty_cell_states_nothing():
    row = person("张三", number="0001", phone="", post="", team="", level="")
    assert difference(roster(ZHANG), table(row)).changes.empty


def test_a_new_phone_is_a_change():
    change = only(
        difference(roster(ZHANG), table(person("张三", number="0001", phone="13911112222")))
    )
    assert change.fields == ("phone",)


@pytest.mark.parametrize(
    ("cell", "tags"), [("新食堂", ("新食堂",)), ("清空", ()), ("", ("夜班小组",))]
)
def test_tags_are_stated_taken_away_or_left_as_they_are(cell, tags):
    tagged = worker(1, "张三", tags=("夜班小组",))
    diff = difference(roster(tagged), table(person("张三", number="0001", tags=cell)))
    if tags == tagged.tags:
        assert diff.changes.empty
    else:
        assert (only(diff).facts.tags, only(diff).fields) == (tags, ("tags",))


def test_a_sensitive_tag_stops_the_row_and_says_why():
    diff = difference(roster(), table(person("张三", tags="回族")), named_contractors=("甲公司",))
    assert verdicts(diff) == [Verdict.ERROR]
    assert "民族" in diff.outcomes[0].text


def test_an_export_carries_the_tags_and_reads_back_without_a_change():
    current = roster(worker(1, "张三", tags=("A班", "夜班小组")))
    sheet = export_roster(current, profiles=PROFILES)
    row = dict(zip(sheet.head, sheet.rows[0], strict=True))
    assert row["标签"] == "A班、夜班小组"
    again = person("张三", number="0001", tags=row["标签"])
    assert difference(current, table(again)).changes.empty


def test_a_new_team_moves_the_worker_to_its_site():
    change = only(difference(roster(ZHANG), table(person("张三", number="0001", team="二班"))))
    assert (change.facts.site, change.fields) == ("西校区", ("team", "site"))


def test_a_new_company_is_a_move_and_no_departure():
    row = person("张三", number="0001", company="乙公司")
    diff = difference(roster(ZHANG), table(row), named_contractors=("甲公司", "乙公司"))
    assert (verdicts(diff), diff.left) == ([Verdict.MOVED], ())


def test_a_default_level_follows_a_new_post():
    change = only(difference(roster(ZHANG), table(person("张三", number="0001", post="班长"))))
    assert change.facts.level is Level.L4


def test_a_level_set_by_hand_stays():
    current = roster(worker(1, "张三", level=Level.L3))
    change = only(difference(current, table(person("张三", number="0001", post="班长"))))
    assert change.facts.level is Level.L3


def test_an_employment_type_in_other_words_is_understood():
    row = person("张三", number="0001", employment="超龄返聘")
    assert only(difference(roster(ZHANG), table(row))).facts.employment is Employment.REHIRED


# ---- who is who without a number


def test_name_and_phone_in_the_contractor_are_the_same_person():
    diff = difference(roster(ZHANG), table(person("张 三", phone=ZHANG.phone or "")))
    assert verdicts(diff) == [Verdict.UNCHANGED]


def test_the_same_name_and_phone_in_another_contractor_is_another_person():
    row = person("张三", phone=ZHANG.phone or "", company="乙公司")
    assert verdicts(difference(roster(ZHANG), table(row))) == [Verdict.JOINED]


def test_a_couple_with_one_phone_stays_two_people():
    rows = (person("张三", phone="13900000000"), person("李梅", phone="13900000000"))
    assert verdicts(difference(roster(), table(*rows))) == [Verdict.JOINED] * 2


def test_two_of_one_name_with_two_phones_stay_two_people():
    rows = (person("张伟", phone="13900000001"), person("张伟", phone="13900000002"))
    assert len(difference(roster(), table(*rows)).changes.changes) == 2


def test_two_of_one_name_without_phone_and_number_are_an_error_on_both():
    diff = difference(roster(), table(person("张伟"), person("张伟", post="保安")))
    assert verdicts(diff) == [Verdict.ERROR] * 2


def test_a_bare_name_that_two_workers_bear_is_an_error():
    current = roster(worker(1, "张伟"), worker(2, "张伟"))
    assert verdicts(difference(current, table(person("张伟")))) == [Verdict.ERROR]


def test_a_bare_name_that_one_worker_bears_is_that_worker():
    assert verdicts(difference(roster(ZHANG), table(person("张三")))) == [Verdict.UNCHANGED]


def test_another_phone_under_the_same_name_is_asked():
    diff = difference(roster(ZHANG), table(person("张三", phone="13911112222")))
    assert [q.worker_id for q in diff.person_questions] == [ZHANG.id]


@pytest.mark.parametrize(("answer", "kind"), [(True, Updated), (False, Joined)])
def test_the_answer_about_another_phone_decides(answer, kind):
    row = table(person("张三", phone="13911112222"))
    diff = difference(roster(ZHANG), row, same_person={ROW_2: answer})
    assert isinstance(only(diff), kind)


def test_another_name_under_the_same_number_is_asked():
    diff = difference(roster(ZHANG), table(person("张珊", number="0001")))
    assert verdicts(diff) == [Verdict.QUESTION]


def test_a_number_is_never_passed_on():
    row = table(person("李四", number="0001"))
    assert verdicts(difference(roster(ZHANG), row, same_person={ROW_2: False})) == [Verdict.ERROR]


def test_a_school_number_replaces_one_of_ours():
    current = roster(worker(1, "张三", number="LB000001"))
    row = table(person("张三", number="2024001", phone=current.workers[0].phone or ""))
    assert only(difference(current, row)).fields == ("number",)


def test_a_number_in_our_style_that_was_never_given_is_an_error():
    assert verdicts(difference(roster(), table(person("李四", number="LB000099")))) == [
        Verdict.ERROR
    ]


def test_two_companies_own_numbers_do_not_mix_people():
    row = table(person("李四", number="0001", company="乙公司"))
    assert verdicts(difference(roster(ZHANG), row)) == [Verdict.ERROR]


def test_the_companies_own_numbers_can_be_left_unread():
    row = table(person("李四", number="0001", company="乙公司"))
    assert only(difference(roster(ZHANG), row, use_numbers=False)).facts.number == "LB000001"


def test_zeros_that_excel_took_from_a_number_are_given_back():
    assert difference(roster(ZHANG), table(person("张三", number="1"))).changes.empty


def test_a_short_number_under_another_name_is_another_number():
    assert only(difference(roster(ZHANG), table(person("李四", number="1")))).facts.number == "1"


def test_a_short_number_beside_the_full_one_is_another_number():
    rows = (person("张三", number="0001"), person("张三", number="1"))
    assert only(difference(roster(ZHANG), table(*rows))).facts.number == "1"


def test_a_new_number_under_the_same_name_and_phone_is_asked():
    row = table(person("张三", number="9", phone=ZHANG.phone or ""))
    assert verdicts(difference(roster(ZHANG), row)) == [Verdict.QUESTION]


def test_one_number_and_name_in_two_companies_with_two_phones_is_asked():
    row = table(person("张三", number="0001", phone="13911112222", company="乙公司"))
    assert verdicts(difference(roster(ZHANG), row)) == [Verdict.QUESTION]


def test_name_and_phone_bring_back_somebody_who_left():
    gone = worker(1, "张三", number="LB000001", ended=date(2026, 1, 1))
    change = only(difference(roster(gone), table(person("张三", phone=gone.phone or ""))))
    assert change.returning == gone.id


def test_one_person_half_numbered_is_an_error_on_both():
    rows = (person("李四", number="9", phone="13911112222"), person("李四", phone="13911112222"))
    assert verdicts(difference(roster(), table(*rows))) == [Verdict.ERROR] * 2


# ---- two rows of one number


def test_one_person_on_two_posts_over_two_rows():
    rows = (person("李四", number="9"), person("李四", number="9", post="门卫"))
    diff = difference(roster(), table(*rows))
    assert only(diff).facts.posts == (Post.CLEAN, Post.GUARD)
    assert verdicts(diff) == [Verdict.JOINED, Verdict.UNCHANGED]


@pytest.mark.parametrize("cell", ["保洁/保安", "保洁、门卫", "保洁员兼保安", "清洁工 + 保安"])
def test_one_person_on_two_posts_in_one_cell(cell):
    facts = only(difference(roster(), table(person("李四", post=cell)))).facts
    assert facts.posts == (Post.CLEAN, Post.GUARD)


@pytest.mark.parametrize("other", [person("王五", number="9"), person("李四", number="9")])
def test_two_rows_with_one_number_are_an_error_on_both(other):
    diff = difference(roster(), table(person("李四", number="9"), other))
    assert verdicts(diff) == [Verdict.ERROR] * 2


def test_a_fault_in_one_of_two_rows_holds_both_back():
    rows = (person("李四", number="9"), person("李四", number="9", post="门卫", started="昨天"))
    assert verdicts(difference(roster(), table(*rows))) == [Verdict.ERROR] * 2


# ---- posts in free words


def test_an_unknown_post_is_asked_once_for_all_rows():
    rows = [person(name, post="面点") for name in ("张一", "张二", "张四")]
    (question,) = difference(roster(), table(*rows)).post_questions
    assert (question.word, len(question.rows)) == ("面点", 3)


def test_a_post_in_a_faulty_row_is_asked_at_once():
    diff = difference(roster(), table(person("李四", post="打荷", started="昨天")))
    assert [question.word for question in diff.post_questions] == ["打荷"]


def test_an_unknown_post_is_never_guessed():
    diff = difference(roster(), table(person("李四", post="保洁主任")))
    assert diff.changes.empty
    assert diff.post_questions[0].suggestions == (Post.CLEAN,)


def test_the_saved_words_of_the_contractor_win_over_aliases():
    diff = difference(
        roster(), table(person("李四", post="门卫")), mapping={"甲公司": {"门卫": (Post.CLEAN,)}}
    )
    assert only(diff).facts.posts == (Post.CLEAN,)


def test_the_words_of_one_contractor_do_not_speak_for_another():
    row = table(person("李四", post="打荷", company="乙公司"))
    diff = difference(roster(), row, mapping={"甲公司": {"打荷": (Post.COOK,)}})
    assert verdicts(diff) == [Verdict.QUESTION]


# ---- leaving


def crowd(count: int) -> RosterSnapshot:
    return roster(
        *(
            worker(n, f"员工{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'子丑寅卯'[n // 10]}")
            for n in range(count)
        )
    )


def rows_for(workers: Sequence[Worker]) -> list[dict[str, str]]:
    return [person(w.name, number=w.number) for w in workers]


def test_who_is_missing_from_a_named_companys_file_has_left():
    current = crowd(20)
    diff = difference(
        current, table(*rows_for(current.workers[1:])), named_contractors=("甲公司",)
    )
    assert [(left.worker_id, left.inferred) for left in diff.left] == [(UUID(int=0), True)]


def test_nobody_leaves_a_company_that_was_not_named():
    current = crowd(20)
    assert difference(current, table(*rows_for(current.workers[1:]))).left == ()


@pytest.mark.parametrize(("missing", "asked"), [(3, False), (4, True)])
def test_more_than_fifteen_in_a_hundred_need_a_second_yes(missing, asked):
    current = crowd(20)
    diff = difference(
        current, table(*rows_for(current.workers[missing:])), named_contractors=("甲公司",)
    )
    assert diff.needs_second_yes is asked


def test_a_row_in_error_keeps_its_person():
    row = person("张三", number="0001", started="昨天")
    assert difference(roster(ZHANG), table(row), named_contractors=("甲公司",)).left == ()


def test_a_row_without_a_readable_number_keeps_its_person_by_name():
    row = person("张三", number="？？")
    assert difference(roster(ZHANG), table(row), named_contractors=("甲公司",)).left == ()


def test_an_open_question_keeps_its_person():
    row = person("张三", phone="13911112222")
    assert difference(roster(ZHANG), table(row), named_contractors=("甲公司",)).left == ()


@pytest.mark.parametrize("cells", [{"ended": "2026-11-30"}, {"status": "离职"}])
def test_a_row_that_says_left_is_believed_in_any_company(cells):
    change = only(difference(roster(ZHANG), table(person("张三", number="0001", **cells))))
    assert isinstance(change, Left)
    assert not change.inferred


def test_a_last_day_to_come_does_not_count_yet():
    row = person("张三", number="0001", ended=(TODAY + timedelta(days=1)).isoformat())
    assert difference(roster(ZHANG), table(row)).changes.empty


def test_somebody_unknown_who_left_does_not_join():
    assert difference(roster(), table(person("李四", status="离职"))).changes.empty


def test_who_left_before_is_not_left_again():
    current = roster(worker(1, "张三", ended=date(2026, 1, 1)))
    assert difference(current, table(person("李四")), named_contractors=("甲公司",)).left == ()


def test_a_row_that_says_here_and_gone_is_an_error():
    row = person("张三", number="0001", status="在职", ended="2026-01-01")
    assert verdicts(difference(roster(ZHANG), table(row))) == [Verdict.ERROR]


def test_a_last_day_before_the_first_is_an_error():
    row = person("张三", number="0001", started="2026-02-01", ended="2026-01-01")
    assert verdicts(difference(roster(ZHANG), table(row))) == [Verdict.ERROR]


# ---- accounts of WeCom


def test_an_account_travels_with_the_row():
    assert only(difference(roster(), table(person("李四", wecom="LiSi")))).facts.wecom == "LiSi"


def test_one_account_on_two_rows_is_an_error_on_both():
    rows = (person("李四", wecom="LiSi"), person("王五", wecom="LiSi"))
    assert verdicts(difference(roster(), table(*rows))) == [Verdict.ERROR] * 2


def test_an_account_of_somebody_else_is_an_error():
    binding = Binding(worker_id=ZHANG.id, channel=ChannelKind.WECOM, account="zhang")
    current = roster(ZHANG, bindings=(binding,))
    assert verdicts(difference(current, table(person("李四", wecom="Zhang")))) == [Verdict.ERROR]


def test_the_same_account_in_other_letters_is_no_change():
    binding = Binding(worker_id=ZHANG.id, channel=ChannelKind.WECOM, account="zhang")
    current = roster(ZHANG, bindings=(binding,))
    row = person("张三", number="0001", wecom="Zhang")
    assert difference(current, table(row)).changes.empty


# ---- the whole


NAMES = st.sampled_from(["张三", "李四", "王五", "赵六", ""])
CELLS = st.fixed_dictionaries(
    {
        "name": NAMES,
        "number": st.sampled_from(["", "1", "01", "0001", "0002", "0003", "LB000001", "x y"]),
        "phone": st.sampled_from(["", "13800000001", "13800000002", "12"]),
        "company": st.sampled_from(["甲公司", "乙公司", "丁公司", ""]),
        "team": st.sampled_from(["一班", "二班", "新班", ""]),
        "site": st.sampled_from(["东校区", "北校区", ""]),
        "post": st.sampled_from(["保洁", "保安/保洁", "面点", ""]),
        "status": st.sampled_from(["", "离职"]),
        "wecom": st.sampled_from(["", "a1"]),
    }
)
WORKERS = (
    worker(1, "张三"),
    worker(2, "李四", phone=None),
    worker(3, "王五", contractor_id=2, team_id=3),
    worker(4, "赵六", ended=date(2026, 1, 1)),
)


@given(
    rows=st.lists(CELLS, max_size=6),
    named=st.sampled_from([(), ("甲公司",), ("甲公司", "乙公司")]),
)
def test_every_row_gets_one_outcome_and_nobody_two_changes(rows, named):
    diff = difference(roster(*WORKERS), table(*rows), named_contractors=named)
    assert [o.ref.row for o in diff.outcomes] == list(range(2, len(rows) + 2))
    touched = [c.returning if isinstance(c, Joined) else c.worker_id for c in diff.changes.changes]
    known = [worker_id for worker_id in touched if worker_id]
    assert len(known) == len(set(known))


@given(rows=st.lists(CELLS, max_size=6))
def test_after_an_import_no_two_people_share_a_number(rows):
    diff = difference(roster(*WORKERS), table(*rows))
    numbers = {w.id: w.number for w in WORKERS}
    for n, change in enumerate(diff.changes.changes):
        if isinstance(change, Updated):
            numbers[change.worker_id] = change.facts.number
        elif isinstance(change, Joined):
            numbers[change.returning or UUID(int=1000 + n)] = change.facts.number
    assert len(set(numbers.values())) == len(numbers)


@given(rows=st.lists(CELLS, max_size=6))
def test_the_comparison_is_the_same_every_time(rows):
    assert difference(roster(*WORKERS), table(*rows)) == difference(roster(*WORKERS), table(*rows))


@pytest.mark.parametrize("with_employment", [True, False])
def test_an_export_read_back_changes_nothing(with_employment):
    binding = Binding(worker_id=ZHANG.id, channel=ChannelKind.WECOM, account="zhang")
    rehired = worker(
        5, "钱七", posts=(Post.GUARD, Post.CLEAN), employment=Employment.REHIRED, phone=None
    )
    current = roster(*WORKERS, rehired, bindings=(binding,))
    sheet = export_roster(current, profiles=PROFILES, with_employment=with_employment)
    labels = {"工号": "number", "姓名": "name", "手机号": "phone", "外包公司": "company", "班组": "team", "校区": "site",
              "岗位": "post", "级别": "level", "用工形式": "employment", "入职日期": "started", "企业微信账号": "wecom"}  # fmt: skip
    rows = [
        {labels[head]: cell for head, cell in zip(sheet.head, row, strict=True) if head in labels}
        for row in sheet.rows
    ]
    diff = difference(current, table(*rows), named_contractors=("甲公司", "乙公司"))
    assert diff.changes.empty, diff.outcomes


def test_an_export_without_need_shows_no_employment_type():
    assert "用工形式" not in export_roster(roster(ZHANG), profiles=PROFILES).head


def test_25000_rows_are_compared(capsys):
    current = roster(
        *(worker(n, f"员{chr(0x4E00 + n % 5000)}", phone=f"138{n:08d}") for n in range(24_000))
    )
    rows = [
        person(
            f"员{chr(0x4E00 + n % 5000)}",
            number=f"{n:04d}",
            phone=f"138{n:08d}",
            team="二班" if n % 9 == 0 else "一班",
        )
        for n in range(25_000)
    ]
    sheet = table(*rows)
    started = time.perf_counter()
    diff = difference(current, sheet, named_contractors=("甲公司",))
    with capsys.disabled():
        sys.stdout.write(f"\n25,000 rows compared in {time.perf_counter() - started:.2f} s\n")
    assert diff.count(Verdict.JOINED) == 1_000
