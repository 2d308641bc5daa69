"""What was decided never to leave: held back at once, skipped in chunks, whatever dies and whoever comes between."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from contracts.test_races import waiting_for_a_lock
from lianbot.bootstrap.control import NoticePress
from lianbot.domain.amendments import Amendment, AmendmentState, Choice, RecallState
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    Audience,
    CampaignState,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Once,
)
from lianbot.domain.deliveries import (
    DeliveryState,
    Reason,
    accept,
    hand_over,
    lose_sight,
    plan_again,
    plan_another_way,
    refuse,
)
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ChannelKind
from lianbot.domain.ways import Way
from lianbot.flows.additions import Deciding
from lianbot.flows.correction import Corrections
from lianbot.storage import clearing
from lianbot.storage.amendments import SqlAmendmentBook
from lianbot.storage.clearing import SqlClearings, pass_gate
from lianbot.storage.database import Database
from lianbot.storage.pages import SqlPhoneBook
from lianbot.storage.recalls import SqlRecallBook
from lianbot.storage.rerouting import SqlWays
from lianbot.storage.tables import campaigns, clearings, deliveries, occurrences
from lianbot.storage.unknowns import SqlUnknownBook

S = DeliveryState
PEOPLE = 24
ITEM = "LSN-COOK-001"


class KilledError(Exception):
    """The process is gone."""


@dataclass(slots=True)
class Wrong:
    """A push with an error; nothing has left yet."""

    school: object
    planner: object
    push: Occurrence

    @property
    def clearings(self) -> SqlClearings:
        """Of a process that knows nothing of what another one did."""
        return SqlClearings(self.school.database)

    async def ask(self, item: str = "") -> Amendment:
        desk = Corrections(
            book=SqlAmendmentBook(self.school.database),
            press=NoticePress(self.school.content),
            clock=self.school.clock,
        )
        return await desk.ask(
            self.push.id, self.school.editor, wrong="一个人签", right="两个人签", item=item
        )

    async def approve(self, change: Amendment) -> Amendment:
        book = SqlAmendmentBook(self.school.database)
        deciding = Deciding(book=book, clock=self.school.clock)
        return await deciding.decide(change.id, self.school.reviewer, approved=True)

    async def stop(self) -> None:
        (campaign,) = await self.school.campaigns.all()
        stopped = replace(campaign, state=CampaignState.STOPPED)
        await self.school.campaigns.save(
            campaign, stopped, self.school.clock.now(), action="a", by=None, detail={}
        )

    async def claim(self, limit: int = 100) -> list:
        now = self.school.clock.now()
        return [one.delivery for one in await self.school.outbox.claim("me", limit, now)]

    async def begin(self, delivery) -> bool:
        return await self.school.outbox.begin(self.begun(delivery), "me")

    def begun(self, delivery):
        return hand_over(delivery, b"b", self.school.clock.now())

    async def send(self, count: int, end=lambda one, at: accept(one, f"m{one.id}")) -> list:
        """The next rows are handed over and end like that; None leaves them on the way."""
        sent = []
        for at, one in enumerate(await self.claim(count)):
            assert await self.begin(one)
            sent.append(one.worker_id)
            if end is not None:
                await self.school.outbox.mark(end(self.begun(one), at), "me")
        await self.school.outbox.release("me")
        return sent

    async def rows(self, occurrence_id=None) -> dict:
        wanted = deliveries.c.occurrence_id == (occurrence_id or self.push.id)
        async with self.school.database.read() as connection:
            found = await connection.execute(select(deliveries).where(wanted))
            return {row.worker_id: row for row in found}

    async def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in (await self.rows()).values():
            found[row.state] = found.get(row.state, 0) + 1
        return found

    async def corrected(self, change: Amendment) -> set:
        """Whom the notice goes to."""
        (planned,) = await self.planner.plan_due()
        assert planned.id == change.id
        return set(await self.rows(change.id))

    async def check(self) -> None:
        statistics = self.school.statistics
        assert await statistics.stored() == await statistics.recompute()
        async with self.school.database.read() as connection:
            assert (await connection.execute(select(clearings))).all() == []


@pytest.fixture
async def wrong(crowded_school) -> Wrong:
    school, planner = await crowded_school(PEOPLE, 0)
    (push,) = await planner.plan_due()
    return Wrong(school, planner, push)


@pytest.fixture
def dies(monkeypatch):
    """Whoever clears dies after so many chunks of two rows."""

    def die(after: int) -> None:
        monkeypatch.setattr(clearing, "CHUNK", 2)
        kept, left = SqlClearings._chunk, [after]

        async def chunk(self, work):
            if not left[0]:
                monkeypatch.setattr(SqlClearings, "_chunk", kept)
                raise KilledError
            left[0] -= 1
            return await kept(self, work)

        monkeypatch.setattr(SqlClearings, "_chunk", chunk)

    return die


@pytest.mark.parametrize("chunks", [0, 1, 4])
async def test_from_the_approval_on_nothing_wrong_leaves_though_the_work_is_not_done(
    wrong, dies, chunks
):
    reached = set(await wrong.send(4))
    change = await wrong.ask()
    in_hand = await wrong.claim(3)
    dies(after=chunks)
    with pytest.raises(KilledError):
        await wrong.approve(change)
    assert (await wrong.states()).get(S.SKIPPED, 0) == 2 * chunks
    assert await wrong.claim() == []
    assert [await wrong.begin(one) for one in in_hand] == [False] * 3
    assert await wrong.planner.plan_due() == [], "whom it reached is not known yet"
    await wrong.clearings.look()
    assert await wrong.states() == {S.ACCEPTED: 4, S.SKIPPED: PEOPLE - 4}
    assert await wrong.corrected(change) == reached
    await wrong.check()


async def test_many_at_once_do_not_begin_either(wrong, dies):
    await wrong.send(4)
    change = await wrong.ask()
    together = await wrong.claim(5)
    dies(after=0)
    with pytest.raises(KilledError):
        await wrong.approve(change)
    begun = [replace(wrong.begun(one), body=None) for one in together]
    assert await wrong.school.outbox.begin_together(begun, "me", lambda _: b"b") == []


KILLED = """
import asyncio, sys
from lianbot.storage import clearing
from lianbot.storage.database import open_database
clearing.CHUNK = 1
async def main():
    work = clearing.SqlClearings._chunk
    async def chunk(self, what):
        done = await work(self, what)
        print("chunk", flush=True)
        await asyncio.sleep(0.02)
        return done
    clearing.SqlClearings._chunk = chunk
    await clearing.SqlClearings(open_database(sys.argv[1])).look()
asyncio.run(main())
"""


async def test_a_process_killed_in_the_middle_is_gone_on_from_by_any_other(wrong, dies):
    reached = set(await wrong.send(5))
    change = await wrong.ask()
    dies(after=0)
    with pytest.raises(KilledError):
        await wrong.approve(change)
    address = wrong.school.database.url.render_as_string(hide_password=False)
    for chunks in (1, 3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, address, stdout=subprocess.PIPE
        )
        for _ in range(chunks):
            assert await process.stdout.readline() == b"chunk\n"
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        assert await wrong.claim() == []
    seen = await wrong.states()
    assert seen[S.SKIPPED] >= 4
    assert seen[S.PLANNED] > 0, "it was killed in the middle"
    await wrong.clearings.look()
    assert await wrong.corrected(change) == reached
    await wrong.check()


async def test_a_callback_is_answered_between_two_chunks(wrong, dies, tap, monkeypatch):
    await wrong.send(2)
    change = await wrong.ask()
    dies(after=0)
    with pytest.raises(KilledError):
        await wrong.approve(change)
    monkeypatch.setattr(clearing, "CHUNK", 1)
    waiting = [row for row in (await wrong.rows()).values() if row.state == S.PLANNED]
    clearing_on = asyncio.create_task(wrong.clearings.look())
    await wrong.school.answers.answer(tap(waiting[-1]))
    assert not clearing_on.done()
    await clearing_on
    # who answered has seen it, on somebody else's phone or on paper
    assert waiting[-1].worker_id in await wrong.corrected(change)
    await wrong.check()


async def test_what_was_on_its_way_is_waited_for_and_never_leaves_a_second_time(wrong):
    (lost,) = await wrong.send(1, lambda one, _: lose_sight(one, Reason.NO_ANSWER, "x"))
    change = await wrong.ask()
    on_the_way = await wrong.claim(3)
    for one in on_the_way:
        assert await wrong.begin(one)
    await wrong.approve(change)
    assert await wrong.states() == {S.UNKNOWN: 1, S.HANDING_OVER: 3, S.SKIPPED: PEOPLE - 4}
    assert await wrong.planner.plan_due() == []
    taken, back, unanswered = (wrong.begun(one) for one in on_the_way)
    await wrong.school.outbox.mark(accept(taken, "m"), "me")
    await wrong.school.outbox.mark(plan_again(back), "me")
    await wrong.school.outbox.mark(lose_sight(unanswered, Reason.NO_ANSWER, "x"), "me")
    assert await wrong.claim() == [], "what came back stays"
    now = wrong.school.clock.now()
    since = now - timedelta(hours=3)
    repeats = await wrong.school.outbox.claim_unknown("me", ChannelKind.WECOM, since, 9, now)
    assert repeats == [], "no lost copy is repeated, though its bytes are still there"
    await wrong.clearings.look()
    rows = await wrong.rows()
    assert rows[back.worker_id].state == S.SKIPPED
    assert {row.body for row in rows.values() if row.state == S.UNKNOWN} == {None}
    assert await wrong.corrected(change) == {lost, taken.worker_id, unanswered.worker_id}
    await wrong.check()


async def test_a_lost_copy_that_a_sender_has_in_its_hands_is_not_repeated_either(wrong):
    """It was claimed to be repeated before the approval, with its bytes, and begins after all is cleared."""
    await wrong.send(2, lambda one, _: lose_sight(one, Reason.NO_ANSWER, "x"))
    change = await wrong.ask()
    now = wrong.school.clock.now()
    since = now - timedelta(hours=3)
    repeats = await wrong.school.outbox.claim_unknown("me", ChannelKind.WECOM, since, 9, now)
    assert len(repeats) == 2
    await wrong.approve(change)
    await wrong.check()
    assert [await wrong.begin(one.delivery) for one in repeats] == [False] * 2
    assert {row.body for row in (await wrong.rows()).values()} == {None}


async def test_a_refusal_finds_no_other_way_any_more(wrong):
    await wrong.send(2)
    await wrong.send(1, lambda one, _: refuse(one, Reason.NOT_MEMBER, 81013, "x"))
    ways, now = SqlWays(wrong.school.database), wrong.school.clock.now()
    assert len(await ways.lost(9, now)) == 1
    await wrong.approve(await wrong.ask())
    assert await ways.lost(9, now) == []
    await wrong.check()


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_in_between_no_held_row_is_claimed_or_begun(
    wrong, monkeypatch, seed
):
    monkeypatch.setattr(clearing, "CHUNK", 1)
    monkeypatch.setattr("lianbot.storage.amendments.WITH_THE_DECISION", 1)
    dice = random.Random(seed)
    await wrong.send(2)
    change = await wrong.ask()
    hand, flying, approved = [], [], False
    ends = (
        lambda one: accept(one, "m"),
        plan_again,
        lambda one: lose_sight(one, Reason.NO_ANSWER, "x"),
        lambda one: refuse(one, Reason.BAD_CONTENT, 1, "x"),
    )
    for step in range(60):
        act = dice.choice(("claim", "begin", "begin", "end", "clear"))
        if step == 12:
            await wrong.approve(change)
            approved = True
        elif act == "claim":
            got = await wrong.claim(dice.randint(1, 4))
            assert not (approved and got)
            hand += got
        elif act == "begin" and hand:
            one = hand.pop()
            if await wrong.begin(one):
                assert not approved, "a wrong text left after the approval"
                flying.append(wrong.begun(one))
        elif act == "end" and flying:
            await wrong.school.outbox.mark(dice.choice(ends)(flying.pop()), "me")
        elif act == "clear":
            await wrong.clearings.look(1)
    for one in flying:
        await wrong.school.outbox.mark(dice.choice(ends)(one), "me")
    await wrong.clearings.look()
    rows = await wrong.rows()
    assert not {row.state for row in rows.values()} & {S.PLANNED, S.DEFERRED, S.HANDING_OVER}
    reached = {who for who, row in rows.items() if row.state in (S.ACCEPTED, S.UNKNOWN)}
    assert await wrong.corrected(change) == reached
    await wrong.check()


async def test_a_hand_over_that_is_being_written_is_waited_for(wrong):
    """Else it would be committed after the approval, and nobody would wait for what becomes of it."""
    school = wrong.school
    if school.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    await wrong.send(2)
    change = await wrong.ask()
    (one,) = await wrong.claim(1)
    async with school.database.engine.connect() as holder:
        await holder.begin()
        await holder.run_sync(pass_gate)
        approving = asyncio.create_task(wrong.approve(change))
        await waiting_for_a_lock(school, 1)
        await holder.execute(
            update(deliveries)
            .where(deliveries.c.id == one.id)
            .values(state=S.HANDING_OVER, handed_at=school.clock.now())
        )
        await holder.commit()
    assert (await approving).state is AmendmentState.APPROVED
    assert (await wrong.states())[S.HANDING_OVER] == 1
    assert await wrong.planner.plan_due() == []


# --- what comes later ------------------------------------------------------------------------------


async def test_two_processes_clear_side_by_side(wrong, dies, monkeypatch):
    await wrong.send(2)
    change = await wrong.ask()
    dies(after=0)
    with pytest.raises(KilledError):
        await wrong.approve(change)
    monkeypatch.setattr(clearing, "CHUNK", 3)
    done = await asyncio.gather(*(wrong.clearings.look() for _ in range(3)))
    assert sum(done) == PEOPLE - 2
    await wrong.clearings.look()
    await wrong.check()


async def test_nobody_is_reminded_of_what_was_wrong_or_added_to_it(wrong):
    await wrong.send(PEOPLE)
    await wrong.approve(await wrong.ask())
    async with wrong.school.database.write() as connection:
        await connection.execute(update(campaigns).values(remind_after_days=2))
    wrong.school.clock.pass_(minutes=2 * 24 * 60 + 1)
    due = await wrong.school.plans.due_reminders(wrong.school.clock.now())
    assert wrong.push.id not in {one.occurrence.id for one in due}
    addition = Amendment(
        id=uuid4(),
        kind=OccurrenceKind.ADDITION,
        campaign_id=wrong.push.campaign_id,
        amends=wrong.push.id,
        asked_by=wrong.school.editor.id,
        asked_at=wrong.school.clock.now(),
        state=AmendmentState.APPROVED,
        size=1,
    )
    book = SqlAmendmentBook(wrong.school.database)
    with pytest.raises(InvalidInputError, match="已经更正过"):
        await book.ask(addition, wrong.school.clock.now(), open_now=True)


async def test_no_lead_reads_aloud_what_was_corrected(wrong):
    await wrong.send(3)
    lead, book = wrong.school.worker_ids[0], SqlPhoneBook(wrong.school.database)
    change = await wrong.ask(item=ITEM)
    assert [len(one.members) for one in await book.team_reading(wrong.push.id, 1)] == [PEOPLE // 2]
    await wrong.approve(change)
    assert await book.team_reading(wrong.push.id, 1) == []
    (push,) = await book.team_pushes(1, lead)
    assert (push.occurrence_id, push.aloud) == (wrong.push.id, 0)
    await wrong.corrected(change)
    assert (
        await book.team_reading(change.id, 1) != [] or await book.team_reading(change.id, 2) != []
    )


async def test_an_edition_that_was_corrected_is_told_to_nobody_afresh(wrong):
    reached = set(await wrong.send(3))
    change = await wrong.ask(item=ITEM)
    await wrong.approve(change)
    assert await wrong.corrected(change) == reached
    now = wrong.school.clock.now()
    await wrong.school.campaign(
        title="又一次",
        audience=Audience(teams=(2,)),
        schedule=Once(at=now),
        created_at=now - timedelta(minutes=1),
    )
    (again,) = await wrong.planner.plan_due()
    rows = (await wrong.rows(again.id)).values()
    assert {(row.state, row.reason) for row in rows} == {(S.SKIPPED, Reason.SUPERSEDED)}
    assert len(rows) == PEOPLE // 2
    claimed = await wrong.claim()
    assert {one.occurrence_id for one in claimed} == {change.id}, "the notice, and nothing else"
    await wrong.check()


async def test_of_a_push_that_is_being_planned_only_the_corrected_edition_is_held(wrong):
    """Its first rows are there already when the correction is approved, its last ones are not."""
    await wrong.send(3)
    change = await wrong.ask(item=ITEM)
    school, now = wrong.school, wrong.school.clock.now()
    await school.campaign(
        title="正在排", schedule=Once(at=now), created_at=now - timedelta(minutes=1)
    )
    kept = school.plans.write_rows
    approved = []

    async def writes(occurrence, rows, at):
        other = [replace(row, edition="cd" * 32, item="LSN-COOK-002") for row in rows[:4]]
        await kept(occurrence, [*other, *rows[4:12]], at)
        if not approved:
            approved.append(await wrong.approve(change))
        await kept(occurrence, rows[12:], at)

    school.plans.write_rows = writes
    planned = await wrong.planner.plan_due()
    school.plans.write_rows = kept
    (busy,) = [one for one in planned if one.id != change.id]
    await wrong.clearings.look()
    seen = {}
    for row in (await wrong.rows(busy.id)).values():
        seen.setdefault(row.edition[:2], set()).add((row.state, row.reason))
    assert seen["ab"] == {(S.SKIPPED, Reason.SUPERSEDED)}
    assert (S.SKIPPED, Reason.SUPERSEDED) not in seen["cd"]
    await wrong.check()


# --- a stop ----------------------------------------------------------------------------------------


async def test_a_stop_killed_in_the_middle_is_gone_on_from(wrong, dies):
    await wrong.send(4)
    dies(after=2)
    with pytest.raises(KilledError):
        await wrong.stop()
    assert (await wrong.states())[S.PLANNED] == PEOPLE - 8
    assert await wrong.claim() == []
    await wrong.clearings.look()
    assert await wrong.states() == {S.ACCEPTED: 4, S.SKIPPED: PEOPLE - 4}
    assert {r.reason for r in (await wrong.rows()).values() if r.state == S.SKIPPED} == {
        Reason.STOPPED
    }
    await wrong.check()


async def test_what_comes_back_after_a_stop_is_skipped_too(wrong):
    (one, *_) = await wrong.claim(1)
    assert await wrong.begin(one)
    await wrong.stop()
    assert await wrong.states() == {S.HANDING_OVER: 1, S.SKIPPED: PEOPLE - 1}
    await wrong.school.outbox.mark(plan_again(wrong.begun(one)), "me")
    await wrong.clearings.look()
    assert await wrong.states() == {S.SKIPPED: PEOPLE}
    await wrong.check()


async def test_a_refusal_whose_next_way_was_found_before_a_stop_is_not_planned_again(wrong):
    await wrong.send(1, lambda one, _: refuse(one, Reason.NOT_MEMBER, 81013, "x"))
    ways, now = SqlWays(wrong.school.database), wrong.school.clock.now()
    (lost,) = await ways.lost(9, now)
    await wrong.stop()
    again = plan_another_way(lost.delivery, Way.TEMPLATE, ChannelKind.OFFICIAL, "o1")
    await ways.settle([(lost, again)], local(now).date())
    assert await wrong.states() == {S.REFUSED: 1, S.SKIPPED: PEOPLE - 1}
    await wrong.check()


async def test_a_stop_of_what_is_being_planned_skips_what_the_planner_wrote(wrong):
    school = wrong.school
    async with school.database.write() as connection:
        await connection.execute(
            update(occurrences)
            .where(occurrences.c.id == wrong.push.id)
            .values(state=OccurrenceState.PLANNING, planned=0)
        )
    await wrong.stop()
    assert await wrong.states() == {S.PLANNED: PEOPLE}, "its rows are not all there yet"
    finished = await school.plans.finish(wrong.push, school.clock.now())
    assert finished.state is OccurrenceState.STOPPED
    assert await wrong.states() == {S.SKIPPED: PEOPLE}
    await wrong.check()


# --- recalls and lost answers ------------------------------------------------------------------------


@pytest.fixture
def dies_after_two(monkeypatch):
    """The process dies when two short transactions are through."""
    for module in ("recalls", "unknowns"):
        monkeypatch.setattr(f"lianbot.storage.{module}.CHUNK", 3)
    kept, left = Database.transact_gently, [2]

    async def transact(self, work):
        if not left[0]:
            monkeypatch.setattr(Database, "transact_gently", kept)
            raise KilledError
        left[0] -= 1
        return await kept(self, work)

    monkeypatch.setattr(Database, "transact_gently", transact)


async def test_a_recall_killed_in_the_middle_is_asked_for_again_for_the_rest(
    wrong, dies_after_two
):
    await wrong.send(PEOPLE)
    book, now = SqlRecallBook(wrong.school.database), wrong.school.clock.now()
    oldest = {ChannelKind.WECOM: now - timedelta(hours=24)}
    by = wrong.school.editor.id
    with pytest.raises(KilledError):
        await book.ask(wrong.push.id, oldest, by, now)
    assert await book.seen(wrong.push.id) == {RecallState.ASKED: 6}
    rest = await book.ask(wrong.push.id, oldest, by, now)
    assert rest == {RecallState.ASKED: PEOPLE - 6}
    assert await book.ask(wrong.push.id, oldest, by, now) == {}
    last, first, *_ = await wrong.school.audit.newest()
    assert [one.after["rows"] for one in (first, last)] == [PEOPLE, PEOPLE - 6]


async def test_recalls_that_became_too_late_hold_up_none_that_are_not(wrong, monkeypatch):
    monkeypatch.setattr("lianbot.storage.recalls.CHUNK", 3)
    old = await wrong.send(7)
    wrong.school.clock.pass_(minutes=30)
    await wrong.send(PEOPLE)
    book, now = SqlRecallBook(wrong.school.database), wrong.school.clock.now()
    far = {ChannelKind.WECOM: now - timedelta(hours=24)}
    await book.ask(wrong.push.id, far, wrong.school.editor.id, now)
    later = now - timedelta(minutes=15)
    claimed = []
    while messages := await book.claim(ChannelKind.WECOM, later, 2, now):
        claimed += messages
    assert len(claimed) == len(set(claimed))
    assert await book.seen(wrong.push.id) == {
        RecallState.TOO_LATE: len(old),
        RecallState.TRYING: PEOPLE - len(old),
    }


async def test_a_decision_about_all_killed_in_the_middle_leaves_the_rest_to_decide(
    wrong, dies_after_two
):
    await wrong.send(PEOPLE, lambda one, _: lose_sight(one, Reason.NO_ANSWER, "x"))
    book, now = SqlUnknownBook(wrong.school.database), wrong.school.clock.now()
    by, nothing_apart = wrong.school.editor.id, {}
    with pytest.raises(KilledError):
        await book.decide(wrong.push.id, Choice.AGAIN, nothing_apart, None, by, now)
    seen = await book.undecided(wrong.push.id, nothing_apart)
    assert (seen.again, seen.waiting) == (6, PEOPLE - 6)
    rest = await book.decide(wrong.push.id, Choice.LEAVE, nothing_apart, None, by, now)
    seen = await book.undecided(wrong.push.id, nothing_apart)
    assert (len(rest), seen.again, seen.left) == (PEOPLE - 6, 6, PEOPLE - 6)
