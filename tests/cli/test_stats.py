"""What `lianbot stats` tells whom: coverage to anybody at the machine, kinds of answers to few, first answers to none."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select

from fakes.house import START, approved_campaign, cast_of
from lianbot.bootstrap import open_house
from lianbot.phrases import figures as say
from lianbot.ports.desk import ANSWERS, PLAIN
from lianbot.settings import load_settings
from lianbot.storage.tables import counters, occurrences, teams

LARGE = {"total": 30, "accepted": 28, "understood": 18, "disagree": 2, "first_asked": 9}
SMALL = {"total": 4, "accepted": 4, "understood": 2, "cannot": 1, "first_right": 2}
CROWD = {"大班": LARGE, "中班": {**LARGE, "understood": 8}, "小班": SMALL}


async def count(crowd: dict[str, dict[str, int]]) -> None:
    """One push whose counters say this of each team."""
    async with open_house(load_settings()) as house:
        campaign = await approved_campaign(house, await cast_of(house))
        (known, *_) = await house.people.teams()
        push = uuid4()
        async with house.database.write() as connection:
            await connection.execute(
                insert(occurrences).values(
                    id=push, campaign_id=campaign.id, kind="push", due_at=START, state="planned"
                )
            )
            for name, values in crowd.items():
                place = {"contractor_id": known.contractor_id, "site_id": known.site_id}
                await connection.execute(insert(teams).values(name=name, **place))
                found = await connection.execute(select(teams.c.id).where(teams.c.name == name))
                key = {"occurrence_id": push, "post": "COOK", "topic": "gift-offer"}
                await connection.execute(
                    insert(counters).values(team_id=found.scalar_one(), **key, **values)
                )


@pytest.fixture
def counted(school: Path) -> Path:
    """Two large teams, and one in which three people answered."""
    asyncio.run(count(CROWD))
    return school


def test_without_an_account_there_is_coverage_and_one_sum_of_answers(lianbot, counted):
    rows = lianbot("stats", "--json").json
    assert [set(row) for row in rows] == [{"name", *PLAIN}] * 3
    assert {row["name"]: row["answered"] for row in rows} == {"大班": 20, "中班": 10, "小班": 3}


def test_without_an_account_the_terminal_has_the_same_columns(lianbot, counted):
    first, *_ = lianbot("stats").out.splitlines()
    assert first.split("\t") == ["大班", "30", "28", "0", "0", "0", "0", "0", "20", "0"]


def test_without_an_account_the_workbook_has_no_column_of_a_kind_of_answer(lianbot, counted):
    assert lianbot("stats", "--xlsx", "out.xlsx").code == 0
    sheet = CalamineWorkbook.from_path(str(counted / "out.xlsx")).get_sheet_by_index(0)
    cells = {str(cell) for row in sheet.to_python() for cell in row}
    assert say.NAMES["answered"] in cells
    assert not cells & {say.NAMES[one] for one in ANSWERS}


@pytest.mark.parametrize("by", ["team", "contractor", "post", "topic"])
def test_first_answers_are_in_no_output_not_even_the_reviewers(lianbot, counted, by):
    said = lianbot("stats", "--by", by, "--as", "shenhe", "--json")
    assert said.code == 0
    assert "first" not in said.out


def test_a_reviewer_sees_the_kinds_of_answers_of_large_groups(lianbot, counted):
    (row,) = lianbot("stats", "--by", "contractor", "--as", "shenhe", "--json").json
    assert (row["understood"], row["disagree"], row["cannot"]) == (28, 4, 1)


def test_a_small_group_is_hidden_and_so_is_the_one_that_would_give_it_away(lianbot, counted):
    rows = lianbot("stats", "--as", "shenhe", "--json").json
    hidden = {row["name"] for row in rows if all(row[one] is None for one in ANSWERS)}
    assert hidden == {"中班", "小班"}


def test_a_hidden_figure_is_a_word_on_the_terminal(lianbot, counted):
    *_, last = lianbot("stats", "--as", "shenhe").out.splitlines()
    assert last.split("\t")[-5:] == [say.HIDDEN] * 5


def test_who_is_neither_reviewer_nor_auditor_is_refused(lianbot, counted):
    said = lianbot("stats", "--as", "tuisong", "--json")
    assert (said.code, said.out) == (2, "")
    assert say.NOT_YOURS in said.err


def test_kinds_of_answers_of_one_campaign_are_refused_because_two_looks_could_be_subtracted(
    lianbot, counted
):
    said = lianbot("stats", "--as", "shenhe", "--campaign", str(uuid4()))
    assert said.code == 2
    assert say.NOT_TOGETHER in said.err


def test_the_check_finds_a_counter_that_has_no_rows(lianbot, counted):
    said = lianbot("db", "check")
    assert said.code == 1
    assert said.out.count("计数与明细不一致") == 3


def test_the_check_is_content_when_counters_and_rows_agree(lianbot, school):
    assert lianbot("db", "check").code == 0
