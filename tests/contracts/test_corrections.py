"""更正 in rows: to exactly those whom it may have reached, outside the caps, and nothing wrong leaves afterwards."""

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from lianbot.bootstrap.control import NoticePress
from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.amendments import Amendment, is_notice
from lianbot.domain.campaigns import CampaignState, Occurrence, OccurrenceKind
from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over, refuse
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.flows.additions import Deciding
from lianbot.flows.correction import RIGHT_CHARS, Corrections
from lianbot.storage.amendments import SqlAmendmentBook
from lianbot.storage.clearing import SqlClearings
from lianbot.storage.pages import SqlPhoneBook
from lianbot.storage.tables import campaigns, deliveries, editions

S = DeliveryState


@dataclass(slots=True)
class Wrong:
    """A push with an error: of twelve, four have it, two answers are lost, one was refused, the rest wait."""

    school: object
    planner: object
    push: Occurrence
    desk: Corrections
    deciding: Deciding

    async def ask(self, **changes) -> Amendment:
        words = {
            "wrong": "说成了一个人签",
            "right": "要两个人签",
            "by": self.school.editor,
        } | changes
        return await self.desk.ask(self.push.id, words.pop("by"), **words)

    async def approved(self, **changes) -> Amendment:
        made = await self.ask(**changes)
        return await self.deciding.decide(made.id, self.school.reviewer, approved=True)

    async def rows(self, occurrence_id) -> dict:
        async with self.school.database.read() as connection:
            found = await connection.execute(
                select(deliveries).where(deliveries.c.occurrence_id == occurrence_id)
            )
            return {row.worker_id: row for row in found}

    async def planned(self, **changes) -> dict:
        made = await self.approved(**changes)
        (correction,) = await self.planner.plan_due()
        assert (correction.id, correction.kind) == (made.id, OccurrenceKind.CORRECTION)
        return await self.rows(made.id)


@pytest.fixture
async def wrong(crowded_school) -> Wrong:
    school, planner = await crowded_school(12, 0)
    (push,) = await planner.plan_due()
    now = school.clock.now()
    for at, parcel in enumerate(await school.outbox.claim("me", 7, now)):
        begun = hand_over(parcel.delivery, b"b", now)
        await school.outbox.begin(begun, "me")
        if at < 4:
            await school.outbox.mark(accept(begun, f"m{at}"), "me")
        elif at == 4:
            await school.outbox.mark(refuse(begun, Reason.NOT_MEMBER, 81013, "x"), "me")
    await school.outbox.recover(now, alone=True)
    await school.outbox.release("me")
    book = SqlAmendmentBook(school.database)
    desk = Corrections(book=book, press=NoticePress(school.content), clock=school.clock)
    return Wrong(school, planner, push, desk, Deciding(book=book, clock=school.clock))


async def test_it_goes_to_exactly_those_whom_it_may_have_reached(wrong):
    before = await wrong.rows(wrong.push.id)
    rows = await wrong.planned()
    may = {one for one, row in before.items() if row.state in (S.ACCEPTED, S.UNKNOWN)}
    assert (set(rows), len(may)) == (may, 6)


async def test_answers_that_a_material_correction_overtook_are_counted(wrong):
    rows = await wrong.rows(wrong.push.id)
    book = SqlAmendmentBook(wrong.school.database)
    for at, row in enumerate(list(rows.values())[:2]):
        await wrong.school.answers.answer(
            AnswerGiven(
                worker_id=row.worker_id,
                answer=Answer.UNDERSTOOD,
                method=Method.TAP,
                via=Via.CALLBACK,
                wording="懂了",
                repeat_key=f"tap{at}",
                msgid=f"m{at}",
                delivery_id=row.id,
            )
        )
    wrong.school.clock.pass_(minutes=2)
    assert await book.outdated(wrong.push.id) == 0
    await wrong.approved(material=False)
    assert await book.outdated(wrong.push.id) == 0
    made = await wrong.approved()
    assert await book.outdated(wrong.push.id) == 2
    assert await book.outdated(made.id) == 0


async def test_a_notice_is_nobodys_lesson(wrong):
    made = await wrong.approved()
    async with wrong.school.database.read() as connection:
        item = (
            await connection.execute(
                select(editions.c.item).where(editions.c.sha256 == made.notice)
            )
        ).scalar_one()
    assert is_notice(item)
    assert not is_notice("LSN-COOK-001")


async def test_it_weighs_on_no_cap_and_no_cap_holds_it_up(wrong):
    rows = await wrong.planned()
    assert {(row.state, row.counts_at) for row in rows.values()} == {(S.PLANNED, None)}
    now = wrong.school.clock.now()
    claimed = await wrong.school.outbox.claim("me", 50, now)
    assert [one.kind for one in claimed] == [OccurrenceKind.CORRECTION] * 6
    assert {one.pushes for one in claimed} == {()}
    begun = hand_over(claimed[0].delivery, b"b", now)
    await wrong.school.outbox.begin(begun, "me")
    await wrong.school.outbox.mark(accept(begun, "m"), "me")
    assert (await wrong.rows(begun.occurrence_id))[begun.worker_id].counts_at is None


async def test_after_it_nothing_of_the_wrong_push_leaves_and_no_lost_copy_is_sent_again(wrong):
    await wrong.approved()
    rows = (await wrong.rows(wrong.push.id)).values()
    assert {row.reason for row in rows if row.state == S.SKIPPED} == {Reason.SUPERSEDED}
    assert not [row for row in rows if row.state in (S.PLANNED, S.DEFERRED)]
    assert {row.body for row in rows if row.state == S.UNKNOWN} == {None}
    statistics = wrong.school.statistics
    assert await statistics.stored() == await statistics.recompute()


async def test_it_waits_while_a_wrong_one_is_being_handed_over(wrong):
    now = wrong.school.clock.now()
    (parcel,) = await wrong.school.outbox.claim("me", 1, now)
    await wrong.school.outbox.begin(hand_over(parcel.delivery, b"b", now), "me")
    await wrong.approved()
    assert await wrong.planner.plan_due() == []
    await wrong.school.outbox.mark(accept(hand_over(parcel.delivery, b"b", now), "m9"), "me")
    await SqlClearings(wrong.school.database).look()
    (correction,) = await wrong.planner.plan_due()
    assert parcel.delivery.worker_id in await wrong.rows(correction.id)


async def test_it_goes_out_though_the_wrong_push_was_stopped(wrong):
    campaign = (await wrong.school.campaigns.all())[0]
    await wrong.school.campaigns.save(
        campaign,
        replace(campaign, state=CampaignState.STOPPED),
        wrong.school.clock.now(), action="campaign.stopped", by=wrong.school.editor.id, detail={},
    )  # fmt: skip
    await wrong.planned()
    assert len(await wrong.school.outbox.claim("me", 50, wrong.school.clock.now())) == 6


async def test_it_needs_a_second_person(wrong):
    made = await wrong.ask()
    assert await wrong.planner.plan_due() == []
    with pytest.raises(NotAllowedError):
        await wrong.deciding.decide(made.id, wrong.school.editor, approved=True)


async def test_what_is_shown_is_an_edition_that_says_what_was_wrong(wrong):
    made = await wrong.approved()
    async with wrong.school.database.read() as connection:
        row = (
            await connection.execute(select(editions).where(editions.c.sha256 == made.notice))
        ).one()
        campaign = (
            await connection.execute(select(campaigns).where(campaigns.c.id == made.id))
        ).one()
    assert row.state == "approved"
    assert all(words in row.meta["text"] for words in ("说成了一个人签", "要两个人签", "肉归锅里"))
    assert (campaign.title, campaign.state) == ("更正：第一课", "approved")


async def test_who_answered_without_having_been_sent_it_is_corrected_too(wrong, tap):
    refused = next(
        row for row in (await wrong.rows(wrong.push.id)).values() if row.state == S.REFUSED
    )
    await wrong.school.answers.answer(tap(refused))
    assert refused.worker_id in await wrong.planned()


@pytest.mark.parametrize("material", [True, False])
async def test_an_older_answer_is_outdated_by_a_material_correction_only(wrong, tap, material):
    row = next(
        one for one in (await wrong.rows(wrong.push.id)).values() if one.state == S.ACCEPTED
    )
    await wrong.school.answers.answer(tap(row))
    await wrong.approved(material=material)
    record = await SqlPhoneBook(wrong.school.database).my_record(row.worker_id)
    assert [one.outdated for one in record] == [material]


async def test_one_item_is_corrected_for_all_who_ever_got_that_edition(wrong):
    made = await wrong.approved(item="LSN-COOK-001")
    assert made.corrects == "ab" * 32
    assert made.size == 6


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ({"wrong": "  "}, "哪里错了"),
        ({"right": "长" * (RIGHT_CHARS + 1)}, "正确的是"),
        ({"item": "LSN-NO-001"}, "LSN-NO-001"),
    ],
    ids=["nothing wrong", "too long", "another item"],
)
async def test_what_cannot_be_a_correction_is_refused_by_name(wrong, words, place):
    with pytest.raises(InvalidInputError, match=place):
        await wrong.ask(**words)
