"""`lianbot campaign …` for a push under way: exit codes, `--json`, wrong input, the refused role, author ≠ approver."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest

from cli.conftest import PASSWORD
from fakes.house import START, cast_of, enrol, people
from fakes.passwords import quick_hash
from lianbot.bootstrap import open_house
from lianbot.domain.campaigns import Audience, Once
from lianbot.domain.deliveries import accept, hand_over
from lianbot.domain.people import ChannelKind, Role
from lianbot.flows.campaign import Draft
from lianbot.settings import load_settings
from lianbot.storage.accounts import new_account
from lianbot.timetable.clocks import move_clock

AUTHOR = ("--as", "tuisong")
REVIEWER = ("--as", "shenhe")
BOTH = ("--as", "liangjian")
WORDS = ("--wrong", "写成了一个人签字", "--right", "要两个人一起签字")
ACCEPTED, LOST = 4, 2


@dataclass(frozen=True, slots=True)
class Push:
    """A push to the kitchen of which four have it and two answers are lost; the cleaners were forgotten."""

    campaign: str
    cleaners: str
    folder: object

    def audit(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.folder / "lianbot.db")) as database:
            return database.execute(
                "SELECT action, account_name FROM audit ORDER BY id DESC LIMIT 3"
            ).fetchall()


@pytest.fixture
def push(school) -> Push:
    campaign, cleaners = asyncio.run(_push(school))
    return Push(campaign, cleaners, school)


async def _push(folder) -> tuple[str, str]:
    async with open_house(load_settings()) as house:
        cast = await cast_of(house)
        await enrol(house, [replace(one, team="保洁班") for one in people(6, "bj")], cast.author)
        both = new_account(
            "liangjian", "身兼两职", frozenset({Role.SCHEDULER, Role.EDITOR, Role.REVIEWER})
        )
        await house.accounts.add(both, quick_hash(PASSWORD), None, START)
        teams = {one.name: one.id for one in await house.people.teams()}
        campaign = await house.desk.create(
            Draft(
                title="两个人签字",
                audience=Audience(teams=(teams["后厨班"],)),
                schedule=Once(at=START + timedelta(minutes=1)),
                items=("LSN-COOK-001",),
                channels=(ChannelKind.WECOM,),
            ),
            cast.author,
        )
        await house.desk.approve(campaign.id, cast.reviewer)
        move_clock(folder / "clock", START + timedelta(minutes=2))
        house.clock._looked = -1.0
        await house.planner.plan_due()
        await _hand_over(house, START + timedelta(minutes=2))
    # no platform can tell the lost ones apart any more
    move_clock(folder / "clock", START + timedelta(minutes=45))
    return str(campaign.id), str(teams["保洁班"])


async def _hand_over(house, now) -> None:
    claimed = await house.outbox.claim("dead", ACCEPTED + LOST, now)
    for at, parcel in enumerate(claimed):
        begun = hand_over(parcel.delivery, b"bytes", now)
        await house.outbox.begin(begun, "dead")
        if at < ACCEPTED:
            await house.outbox.mark(accept(begun, f"m{at}"), "dead")
    await house.outbox.recover(now, alone=True)


COMMANDS = [
    "add", "unknown", "resend", "leave", "correct", "changes", "approve-change",
    "decline-change", "recall",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_explains_itself(lianbot, command):
    said = lianbot("campaign", command, "--help")
    assert (said.code, f"campaign {command}" in said.out) == (0, True)
    assert "--json" in said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_number_is_wrong_usage(lianbot, school, command):
    rest = () if command in ("unknown", "changes") else AUTHOR
    words = WORDS if command == "correct" else ()
    assert lianbot("campaign", command, "not-a-number", *rest, *words).code == 2


@pytest.mark.parametrize("command", [one for one in COMMANDS if one != "changes"])
def test_a_number_that_nothing_has_is_2_and_named(lianbot, school, command):
    rest = () if command == "unknown" else REVIEWER if "change" in command else AUTHOR
    words = {"correct": WORDS, "add": ("--post", "COOK")}.get(command, ())
    said = lianbot("campaign", command, str(uuid4()), *rest, *words)
    assert (said.code, said.out) == (2, "")
    assert "编号" in said.err or "没有可以改的推送" in said.err


@pytest.mark.parametrize("command", ["add", "resend", "leave", "recall"])
def test_who_is_no_scheduler_is_refused_and_nothing_is_written(lianbot, push, command):
    before = push.audit()
    words = ("--team", push.cleaners) if command == "add" else ()
    said = lianbot("campaign", command, push.campaign, *REVIEWER, *words)
    assert said.code == 2
    assert "shenhe" in said.err
    assert push.audit() == before


# --- lost answers --------------------------------------------------------------------------------


def test_lost_answers_are_listed_row_by_row_in_one_line(lianbot, push):
    said = lianbot("campaign", "unknown", push.campaign, "--json")
    assert said.code == 0, said.err
    found = said.json
    assert (found["waiting"], found["by_itself"], found["more"]) == (LOST, 0, 0)
    assert [set(one) for one in found["rows"]] == [
        {"row", "number", "team", "at", "attempts", "why", "standing"}
    ] * LOST
    assert {(one["team"], one["why"], one["standing"]) for one in found["rows"]} == {
        ("后厨班", "process_died", "waiting")
    }
    assert all(one["at"].startswith("2026-12-01T06:09") for one in found["rows"])


def test_the_list_is_capped_and_says_how_many_it_leaves_out(lianbot, push):
    said = lianbot("campaign", "unknown", push.campaign, "--limit", "1", "--json").json
    assert (len(said["rows"]), said["more"]) == (1, LOST - 1)
    spoken = lianbot("campaign", "unknown", push.campaign, "--limit", "1")
    assert "2026-12-01 14:09" in spoken.out
    assert "还有 1 份没有列出" in spoken.out
    assert lianbot("campaign", "unknown", push.campaign, "--limit", "-1").code == 2


def test_one_row_is_sent_again_and_another_left(lianbot, push):
    first, second = (
        one["row"] for one in lianbot("campaign", "unknown", push.campaign, "--json").json["rows"]
    )
    said = lianbot("campaign", "resend", push.campaign, *AUTHOR, "--row", str(first), "--json")
    assert (said.code, said.json) == (0, {"choice": "again", "rows": [first]})
    said = lianbot("campaign", "leave", push.campaign, *AUTHOR, "--row", str(second), "--json")
    assert (said.code, said.json) == (0, {"choice": "leave", "rows": [second]})
    found = lianbot("campaign", "unknown", push.campaign, "--json").json
    assert (found["again"], found["left"], found["waiting"]) == (1, 1, 0)
    assert push.audit()[:2] == [("unknown.leave", "tuisong"), ("unknown.again", "tuisong")]


def test_all_that_wait_are_decided_at_once_and_then_there_is_nothing_left(lianbot, push):
    said = lianbot("campaign", "resend", push.campaign, *AUTHOR)
    assert said.code == 0
    assert "重发 2 份" in said.out
    assert "两条" in said.out
    again = lianbot("campaign", "resend", push.campaign, *AUTHOR)
    assert (again.code, "没有要由人决定的" in again.err) == (1, True)


@pytest.mark.parametrize("wrong", ["999999", "0", "-3", "9" * 30])
@pytest.mark.parametrize("command", ["resend", "leave"])
def test_a_row_that_is_not_to_be_decided_about_is_1_named_and_decides_none(
    lianbot, push, command, wrong
):
    row = lianbot("campaign", "unknown", push.campaign, "--json").json["rows"][0]["row"]
    said = lianbot("campaign", command, push.campaign, *AUTHOR, "--row", str(row), "--row", wrong)
    assert (said.code, said.out) == (1, "")
    assert f"送达记录 {wrong}" in said.err
    assert lianbot("campaign", "unknown", push.campaign, "--json").json["waiting"] == LOST


def test_the_push_of_another_campaign_is_wrong_usage(lianbot, push):
    said = lianbot("campaign", "unknown", str(uuid4()), "--push", _push_id(push))
    assert (said.code, "--push" in said.err) == (2, True)


def _push_id(push: Push) -> str:
    with closing(sqlite3.connect(push.folder / "lianbot.db")) as database:
        (found,) = database.execute("SELECT id FROM occurrences").fetchone()
    return str(found)


# --- additions -----------------------------------------------------------------------------------


def test_an_addition_beyond_the_approval_waits_for_another_account(lianbot, push):
    said = lianbot("campaign", "add", push.campaign, *AUTHOR, "--team", push.cleaners, "--json")
    assert (said.code, said.json["state"], said.json["people"]) == (0, "asked", 6)
    number = said.json["id"]
    refused = lianbot("campaign", "approve-change", number, *AUTHOR)
    assert (refused.code, "审核" in refused.err) == (2, True)
    done = lianbot("campaign", "approve-change", number, *REVIEWER, "--json")
    assert (done.code, done.json["state"]) == (0, "approved")
    (one,) = lianbot("campaign", "changes", push.campaign, "--json").json
    assert (one["id"], one["kind"], one["state"]) == (number, "addition", "approved")


@pytest.mark.parametrize(
    ("whom", "named"),
    [
        ((), "补谁"),
        (("--number", "没有这个人"), "没有这个人"),
        (("--post", "COOK", "--team", "987654"), "补谁"),
    ],
)
def test_an_addition_of_nobody_is_1_and_named(lianbot, push, whom, named):
    said = lianbot("campaign", "add", push.campaign, *AUTHOR, *whom)
    assert (said.code, named in said.err) == (1, True)
    assert lianbot("campaign", "changes", "--json").json == []


# --- corrections ---------------------------------------------------------------------------------


def test_a_correction_is_written_by_one_and_approved_by_another(lianbot, push):
    said = lianbot("campaign", "correct", push.campaign, *AUTHOR, *WORDS, "--json")
    assert (said.code, said.json["state"], said.json["people"]) == (0, "asked", 6)
    done = lianbot("campaign", "approve-change", said.json["id"], *REVIEWER)
    assert (done.code, "自动排出" in done.out) == (0, True)
    assert lianbot("campaign", "changes").out.count("更正") == 1
    assert ("correction.approved", "shenhe") in push.audit()


def test_a_chain_of_two_says_how_many_are_missing(lianbot, push):
    with closing(sqlite3.connect(push.folder / "lianbot.db")) as database, database:
        database.execute("UPDATE campaigns SET steps = 2")
    made = lianbot("campaign", "correct", push.campaign, *AUTHOR, *WORDS, "--json").json
    assert made["missing"] == 2
    said = lianbot("campaign", "approve-change", made["id"], *REVIEWER)
    assert (said.code, "已批 1/2，还差 1 位审核人" in said.out) == (0, True)
    again = lianbot("campaign", "approve-change", made["id"], *REVIEWER)
    assert (again.code, "不能批两级" in again.err) == (2, True)
    (one,) = lianbot("campaign", "changes", "--json").json
    assert (one["steps"], one["approved"], one["missing"]) == (2, 1, 1)
    done = lianbot("campaign", "approve-change", made["id"], *BOTH, "--json")
    assert (done.code, done.json["state"], done.json["missing"]) == (0, "approved", 0)


def test_who_wrote_it_does_not_approve_it_though_the_account_may_review(lianbot, push):
    made = lianbot("campaign", "correct", push.campaign, *BOTH, *WORDS, "--json").json
    refused = lianbot("campaign", "approve-change", made["id"], *BOTH)
    assert (refused.code, "写的人不能自己批" in refused.err) == (2, True)
    (one,) = lianbot("campaign", "changes", "--json").json
    assert one["state"] == "asked"


def test_a_correction_declined_sends_nothing_and_is_decided_once(lianbot, push):
    made = lianbot("campaign", "correct", push.campaign, *AUTHOR, *WORDS, "--json").json
    said = lianbot("campaign", "decline-change", made["id"], *REVIEWER, "--json")
    assert (said.code, said.json["state"]) == (0, "declined")
    again = lianbot("campaign", "approve-change", made["id"], *REVIEWER)
    assert (again.code, "已经有人处理过" in again.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("--wrong", "错", "--right", " "), 1, "正确的是"),
        (("--wrong", "错" * 71, "--right", "对"), 1, "哪里错了"),
        ((*WORDS, "--item", "LSN-RECV-001"), 1, "LSN-RECV-001"),
        (("--wrong", "错"), 2, "--right"),
    ],
)
def test_a_correction_that_cannot_be_is_named(lianbot, push, words, code, named):
    said = lianbot("campaign", "correct", push.campaign, *AUTHOR, *words)
    assert (said.code, named in said.err) == (code, True)
    assert lianbot("campaign", "changes", "--json").json == []


def test_a_reviewer_writes_no_correction(lianbot, push):
    said = lianbot("campaign", "correct", push.campaign, *REVIEWER, *WORDS)
    assert (said.code, "shenhe" in said.err) == (2, True)


def test_a_notice_cannot_be_pushed_as_a_lesson(lianbot, push):
    lianbot("campaign", "correct", push.campaign, *AUTHOR, *WORDS)
    said = lianbot(
        *("campaign", "create", "--title", "再推一次", *AUTHOR, "--at", "2026-12-02T14:07"),
        *("--item", "COR-000000000000"),
    )
    assert (said.code, "更正的通知" in said.err) == (1, True)


# --- recalls -------------------------------------------------------------------------------------


def test_a_recall_waits_until_nothing_leaves_and_says_what_cannot_be_done(lianbot, push):
    lianbot("campaign", "stop", push.campaign, *AUTHOR)
    said = lianbot("campaign", "recall", push.campaign, *AUTHOR, "--json")
    assert (said.code, said.json) == (0, {"impossible": ACCEPTED})
    again = lianbot("campaign", "recall", push.campaign, *AUTHOR)
    assert (again.code, "撤回" in again.err) == (1, True)


# --- settings of stages --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIANBOT_STAGE_BAD_PERCENT", "0"), ("LIANBOT_STAGE_BAD_PERCENT", "100"),
        ("LIANBOT_STAGE_BAD_PERCENT", "two"), ("LIANBOT_STAGE_REST_MINUTES", "0"),
        ("LIANBOT_STAGE_REST_MINUTES", "1.5"),
    ],
)  # fmt: skip
def test_a_wrong_figure_for_stages_is_3_and_named(lianbot, school, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    said = lianbot("campaign", "list")
    assert (said.code, name in said.err) == (3, True)
