"""Bindings are whole or not at all: slips used once, races decided by a row, every change with its leaf."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from lianbot.domain.binding import (
    DIALOGUE_LIFE,
    SLIP_LIFE,
    TRIES_AN_ACCOUNT,
    BindOutcome,
    Claim,
    Dialogue,
    Newcomer,
    Poster,
    SlipState,
    Step,
)
from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.errors import NotFoundError
from lianbot.domain.people import ChannelKind, ConsentPurpose
from lianbot.evidence.commitments import BindChannel, account_commitment, worker_commitment
from lianbot.evidence.entries import Bound
from lianbot.storage.bind_desk import SqlBindDesk
from lianbot.storage.binding import SqlBindBook
from lianbot.storage.consents import ConsentStore
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.tables import audit, bind_slips, bind_tries, bindings, newcomers, workers

ORIGIN = "lianbot/00112233445566aa"
OFFICIAL, WECOM = ChannelKind.OFFICIAL, ChannelKind.WECOM
CODE = b"c" * 32
WORDS = "同意"


@pytest.fixture
def book(school) -> SqlBindBook:
    return SqlBindBook(school.database, ORIGIN)


@pytest.fixture
def desk(school) -> SqlBindDesk:
    return SqlBindDesk(school.database, ORIGIN)


async def held(school, channel=OFFICIAL) -> list[tuple]:
    async with school.database.read() as connection:
        rows = await connection.execute(
            select(bindings.c.worker_id, bindings.c.account, bindings.c.broken).where(
                bindings.c.channel == channel
            )
        )
        return [tuple(row) for row in rows]


async def leaves(school) -> list[Bound]:
    return list(await LedgerStore(school.database).facts_of("bind"))


async def acts(school) -> list[str]:
    async with school.database.read() as connection:
        found = (await connection.execute(select(audit.c.action).order_by(audit.c.id))).scalars()
        return [one for one in found if one.startswith("binding")]


async def print_slip(school, desk, worker, code=CODE) -> None:
    await desk.add_slips([(worker, code)], by=school.editor.id, now=school.clock.now())


async def bind(school, book, account, worker, slip=None, channel=OFFICIAL) -> BindOutcome:
    return await book.bind(channel, account, worker, slip_id=slip, now=school.clock.now())


def commitment(worker, index: int) -> str:
    return worker_commitment(bytes([index]) * 32, str(worker))


async def test_a_slip_binds_its_worker_once_with_leaf_and_audit_row(school, book, desk):
    worker = school.worker_ids[3]
    await print_slip(school, desk, worker)
    slip = await book.slip(CODE)
    today = local(school.clock.now()).date()
    assert (slip.worker.number, slip.state(today)) == ("LB000003", SlipState.OPEN)
    assert await bind(school, book, "oA", worker, slip.id) is BindOutcome.BOUND
    assert (await book.slip(CODE)).state(today) is SlipState.USED
    assert await bind(school, book, "oB", worker, slip.id) is BindOutcome.SLIP_GONE
    assert await held(school) == [(worker, "oA", None)]
    account = account_commitment(bytes([3]) * 32, BindChannel.OFFICIAL, "oA")
    assert await leaves(school) == [
        Bound(worker=commitment(worker, 3), channel=BindChannel.OFFICIAL, account=account)
    ]
    assert await acts(school) == ["binding.slips", "binding.bound"]


async def test_of_two_phones_with_one_slip_exactly_one_is_bound(school, book, desk):
    worker = school.worker_ids[0]
    await print_slip(school, desk, worker)
    slip = await book.slip(CODE)
    got = await asyncio.gather(*(bind(school, book, f"o{n}", worker, slip.id) for n in range(8)))
    assert sorted(got) == [BindOutcome.BOUND] + [BindOutcome.SLIP_GONE] * 7
    assert len(await held(school)) == len(await leaves(school)) == 1


async def test_of_two_phones_without_a_slip_the_second_does_not_replace_the_first(school, book):
    worker = school.worker_ids[0]
    got = await asyncio.gather(*(bind(school, book, f"o{n}", worker) for n in range(6)))
    assert sorted(got) == [BindOutcome.BOUND] + [BindOutcome.TAKEN] * 5
    assert len(await held(school)) == 1


async def test_a_slip_lets_the_new_phone_take_over_and_ends_the_consent(school, book, desk):
    worker = school.worker_ids[0]
    consents = ConsentStore(school.database)
    await bind(school, book, "oOld", worker)
    today = local(school.clock.now()).date()
    await consents.give(worker, OFFICIAL, ConsentPurpose.TEMPLATE, WORDS, today)
    await print_slip(school, desk, worker)
    slip = await book.slip(CODE)
    assert await bind(school, book, "oNew", worker, slip.id) is BindOutcome.BOUND
    assert [row[1] for row in await held(school)] == ["oNew"]
    assert await consents.standing(OFFICIAL, ConsentPurpose.TEMPLATE) == frozenset()


async def test_a_repeated_tap_changes_nothing(school, book):
    worker = school.worker_ids[0]
    await bind(school, book, "oA", worker)
    assert await bind(school, book, "oA", worker) is BindOutcome.ALREADY
    assert len(await leaves(school)) == 1


async def test_openids_differ_by_case_and_user_ids_do_not(school, book):
    first, second = school.worker_ids[10:12]
    await bind(school, book, "Abc", first, channel=WECOM)
    assert await bind(school, book, "aBC", first, channel=WECOM) is BindOutcome.ALREADY
    await bind(school, book, "oAbc", second)
    assert await bind(school, book, "oabc", second) is BindOutcome.TAKEN
    assert await book.unbind(WECOM, "ABC", first, by=None, now=school.clock.now())
    assert not await book.unbind(OFFICIAL, "oabc", second, by=None, now=school.clock.now())


async def test_two_workers_may_share_an_account(school, book, desk):
    first, second, *_ = school.worker_ids
    await bind(school, book, "oBoth", first)
    await bind(school, book, "oBoth", second)
    assert [one.shared for one in await desk.bound_accounts() if one.channel is OFFICIAL] == [
        True,
        True,
    ]


async def test_whoever_left_is_not_bound(school, book, desk):
    worker = school.worker_ids[0]
    await print_slip(school, desk, worker)
    async with school.database.write() as connection:
        await connection.execute(
            update(workers)
            .where(workers.c.id == worker)
            .values(ended=local(school.clock.now()).date())
        )
    slip = await book.slip(CODE)
    assert await bind(school, book, "oA", worker, slip.id) is BindOutcome.LEFT
    assert await bind(school, book, "oA", uuid4()) is BindOutcome.LEFT
    assert await held(school) == [] and (await book.slip(CODE)).used_on is None


async def test_a_new_slip_voids_the_one_before_and_a_month_ends_it(school, book, desk):
    worker = school.worker_ids[0]
    await print_slip(school, desk, worker)
    await print_slip(school, desk, worker, b"d" * 32)
    today = local(school.clock.now()).date()
    assert (await book.slip(CODE)).state(today) is SlipState.VOID
    later = today + SLIP_LIFE + timedelta(days=1)
    fresh = await book.slip(b"d" * 32)
    assert fresh.state(later) is SlipState.EXPIRED
    school.clock.pass_(days=31)
    assert await bind(school, book, "oA", worker, fresh.id) is BindOutcome.SLIP_GONE


async def test_unbinding_leaves_a_none_leaf_and_says_the_other_channel_again(school, book):
    worker = school.worker_ids[0]  # bound on WeCom by the fixture
    await bind(school, book, "oA", worker)
    consents = ConsentStore(school.database)
    today = local(school.clock.now()).date()
    await consents.give(worker, OFFICIAL, ConsentPurpose.TEMPLATE, WORDS, today)
    assert await book.unbind(OFFICIAL, "oA", worker, by=None, now=school.clock.now())
    assert not await book.unbind(OFFICIAL, "oA", worker, by=None, now=school.clock.now())
    assert [one.channel for one in await leaves(school)] == [
        BindChannel.OFFICIAL,
        BindChannel.NONE,
        BindChannel.WECOM,
    ]
    assert await consents.standing(OFFICIAL, ConsentPurpose.TEMPLATE) == frozenset()
    assert await acts(school) == ["binding.bound", "binding.ended"]


async def test_unsubscribing_keeps_the_binding_for_a_month_and_then_erases_it(school, book):
    worker, now = school.worker_ids[0], school.clock.now()
    await bind(school, book, "oA", worker)
    assert await book.lost(OFFICIAL, "oA", now) == 1
    assert await held(school) == [(worker, "oA", "not_following")]
    assert await book.back(OFFICIAL, "oA") == 1
    assert await held(school) == [(worker, "oA", None)]
    assert await book.back(OFFICIAL, "oA") == 0
    await book.lost(OFFICIAL, "oA", now)
    await book.lost(WECOM, "u0", now)
    assert await book.forget(now + timedelta(days=30)) == 0
    assert await book.forget(now + timedelta(days=32)) == 1
    assert await held(school) == []
    assert (await leaves(school))[-2].channel is BindChannel.NONE
    # a user id is the roster's: the binding waits until the member is back
    assert (worker, "u0", "not_visible") in await held(school, WECOM)


async def test_tries_are_counted_for_the_account_and_forgotten_after_a_day(school, book):
    who, other, now = b"w" * 16, b"o" * 16, school.clock.now()
    allowed = [await book.may_try(who, now) for _ in range(TRIES_AN_ACCOUNT + 2)]
    assert allowed == [True] * TRIES_AN_ACCOUNT + [False] * 2
    assert await book.may_try(other, now)
    later = now + timedelta(hours=25)
    await book.forget(later)
    async with school.database.read() as connection:
        assert (await connection.execute(select(bind_tries))).all() == []
    assert await book.may_try(who, later)


async def test_all_accounts_together_have_a_limit_too(school, book, monkeypatch):
    monkeypatch.setattr("lianbot.storage.binding.TRIES_TOGETHER", 3)
    now = school.clock.now()
    allowed = await asyncio.gather(*(book.may_try(bytes([n]) * 16, now) for n in range(1, 9)))
    assert sum(allowed) == 3


async def test_matching_needs_number_name_and_phone(school, book):
    worker = school.worker_ids[4]
    async with school.database.write() as connection:
        await connection.execute(
            update(workers).where(workers.c.id == worker).values(name="王 芳", phone="13900008866")
        )
    right = Claim(number="LB000004", name="王芳", tail="8866")
    assert (await book.matching(right)).worker_id == worker
    for wrong in (
        Claim(number="LB000005", name="王芳", tail="8866"),
        Claim(number="LB000004", name="王方", tail="8866"),
        Claim(number="LB000004", name="王芳", tail="8867"),
    ):
        assert await book.matching(wrong) is None


async def test_a_dialogue_lives_ten_minutes_and_only_once_an_account(school, book):
    now = school.clock.now()

    def dialogue(step: Step) -> Dialogue:
        return Dialogue(channel=OFFICIAL, account="oA", step=step, until=now + DIALOGUE_LIFE)

    await book.keep_dialogue(dialogue(Step.CLAIM))
    await book.keep_dialogue(dialogue(Step.NAME))
    assert (await book.dialogue(OFFICIAL, "oA", now)).step is Step.NAME
    assert await book.dialogue(OFFICIAL, "oA", now + DIALOGUE_LIFE) is None
    await book.end_dialogue(OFFICIAL, "oA")
    assert await book.dialogue(OFFICIAL, "oA", now) is None


async def newcomer(school, book, account="oNew") -> Newcomer:
    one = Newcomer(
        id=uuid4(),
        channel=OFFICIAL,
        account=account,
        team_id=1,
        team="班组1",
        post=Post.COOK,
        name="王芳",
        opened_on=local(school.clock.now()).date(),
    )
    await book.add_newcomer(one)
    return one


async def test_a_newcomer_is_bound_by_the_scheduler_alone(school, book, desk):
    one = await newcomer(school, book)
    assert await desk.newcomers() == [one] and await held(school) == []
    now, by, worker = school.clock.now(), school.editor.id, school.worker_ids[2]
    got = await asyncio.gather(
        *(desk.accept(one.id, worker, by=by, now=now) for _ in range(3)), return_exceptions=True
    )
    assert got.count(BindOutcome.BOUND) == 1
    assert sum(isinstance(each, NotFoundError) for each in got) == 2
    assert await held(school) == [(worker, "oNew", None)] and await desk.newcomers() == []


async def test_a_newcomer_keeps_waiting_when_the_record_has_another_account(school, book, desk):
    worker, now, by = school.worker_ids[2], school.clock.now(), school.editor.id
    await bind(school, book, "oOther", worker)
    one = await newcomer(school, book)
    assert await desk.accept(one.id, worker, by=by, now=now) is BindOutcome.TAKEN
    assert [each.id for each in await desk.newcomers()] == [one.id]


async def test_refusing_a_newcomer_leaves_no_name(school, book, desk):
    one = await newcomer(school, book)
    await desk.refuse(one.id, by=school.editor.id, now=school.clock.now())
    with pytest.raises(NotFoundError):
        await desk.refuse(one.id, by=school.editor.id, now=school.clock.now())
    async with school.database.read() as connection:
        assert (await connection.execute(select(newcomers))).all() == []
        rows = await connection.execute(select(audit))
        assert not any("王芳" in str(tuple(row)) or "oNew" in str(tuple(row)) for row in rows)


async def test_one_poster_a_team_even_when_two_make_it_at_once(school, book, desk):
    def poster(scene: str) -> Poster:
        return Poster(scene=scene, channel=OFFICIAL, team_id=1, team="班组1", url=f"u/{scene}")

    now, by = school.clock.now(), school.editor.id
    kept = await asyncio.gather(
        *(desk.add_poster(poster(f"t{n}"), by=by, now=now) for n in range(4))
    )
    assert len({one.scene for one in kept}) == 1
    assert await desk.posters(OFFICIAL) == [kept[0]]
    assert await book.poster(kept[0].scene) == kept[0]
    assert await book.poster("t-none") is None


async def test_slips_are_printed_in_order_and_the_console_can_end_a_binding(school, book, desk):
    ordered = await desk.slips_for(list(reversed(school.worker_ids)))
    assert [one.team for one in ordered] == ["班组1"] * 6 + ["班组2"] * 6
    assert [one.number for one in ordered[:2]] == ["LB000000", "LB000002"]
    worker = school.worker_ids[11]
    await bind(school, book, "oA", worker)
    row = next(one for one in await desk.bound_accounts() if one.channel is OFFICIAL)
    now, by = school.clock.now(), school.editor.id
    assert (await desk.unbind_row(row.binding_id, by=by, now=now)).worker_id == worker
    with pytest.raises(NotFoundError):
        await desk.unbind_row(row.binding_id, by=by, now=now)


async def test_old_slips_and_requests_are_forgotten(school, book, desk):
    await print_slip(school, desk, school.worker_ids[0])
    await newcomer(school, book)
    await book.forget(school.clock.now() + timedelta(days=62))
    async with school.database.read() as connection:
        assert (await connection.execute(select(bind_slips))).all() == []
        assert (await connection.execute(select(newcomers))).all() == []
