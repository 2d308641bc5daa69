"""The binding dialogue as tables: what is scanned or typed → what is asked, and what is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from contracts.conftest import ORIGIN, School, empty_file  # noqa: F401 - a fixture
from lianbot.domain.binding import (
    Claim,
    Poster,
    claim_in,
    code_in,
    grouped,
    masked,
    name_in,
)
from lianbot.domain.codes import Post
from lianbot.domain.people import ChannelKind, ConsentPurpose, PreferredTime
from lianbot.domain.posts import PostProfile
from lianbot.flows.binding import Binding
from lianbot.flows.wishes import Wishes
from lianbot.phrases import binding as say
from lianbot.storage.bind_desk import SqlBindDesk
from lianbot.storage.binding import SqlBindBook
from lianbot.storage.consents import ConsentStore
from lianbot.storage.database import open_database
from lianbot.storage.people import Directory
from lianbot.storage.tables import bindings, newcomers, workers

OFFICIAL, WECOM = ChannelKind.OFFICIAL, ChannelKind.WECOM
CODE, OTHER_CODE = "482199350217", "111122223333"
RIGHT = "绑定 LB000011 员工甲 8866"


def profile(code: Post, short: str) -> PostProfile:
    return PostProfile(
        code=code, name=short, short=short, aliases=(), send=(), never=(), topics=()
    )


class Talk:
    """A school, and accounts that talk with it."""

    def __init__(self, school: School) -> None:
        self.school = school
        database = school.database
        self.directory = Directory(database)
        self.book = SqlBindBook(database, ORIGIN)
        self.desk = SqlBindDesk(database, ORIGIN)
        self.consents = ConsentStore(database)
        wishes = Wishes(
            book=self.book,
            consents=self.consents,
            clock=school.clock,
            refresh=self.directory.refresh,
        )
        self.binding = Binding(
            book=self.book,
            wishes=wishes,
            clock=school.clock,
            posts={
                one.code: one for one in (profile(Post.COOK, "厨师"), profile(Post.BUY, "采购"))
            },
            key=b"k" * 32,
            page_url="",
            refresh=self.directory.refresh,
        )

    async def says(self, text: str, account: str = "oA", channel: ChannelKind = OFFICIAL) -> str:
        sharers = self.directory.sharers(channel, account)
        screen = await self.binding.typed(channel, account, text, sharers)
        return screen.text

    async def scans(self, scene: str, account: str = "oA") -> str | None:
        sharers = self.directory.sharers(OFFICIAL, account)
        screen = await self.binding.scanned(OFFICIAL, account, scene, sharers)
        return screen.text if screen else None

    async def slip(self, index: int, code: str = CODE) -> None:
        worker = self.school.worker_ids[index]
        hashed = [(worker, self.binding.code_hash(code))]
        await self.desk.add_slips(hashed, by=None, now=self.school.clock.now())

    async def bound(self, index: int, account: str = "oA") -> None:
        await self.slip(index, OTHER_CODE[:-2] + f"{index:02}")
        await self.scans(f"b{OTHER_CODE[:-2]}{index:02}", account)
        assert "绑好了" in await self.says("是我", account)

    async def rows(self, table) -> list:
        async with self.school.database.read() as connection:
            return list((await connection.execute(select(table))).all())

    async def preferred(self, index: int) -> str:
        rows = await self.rows(workers)
        return next(one.preferred for one in rows if one.id == self.school.worker_ids[index])

    async def accounts(self, channel: ChannelKind = OFFICIAL) -> list[str]:
        return [one.account for one in await self.rows(bindings) if one.channel == channel]


@pytest.fixture
async def talk(empty_file, tmp_path, clock):  # noqa: F811 - pytest's way
    path = tmp_path / "lianbot.db"
    path.write_bytes(empty_file.read_bytes())
    database = open_database(f"sqlite:///{path}")
    school = await School(database, clock).open()
    async with database.write() as connection:
        await connection.execute(
            workers.update()
            .where(workers.c.id == school.worker_ids[11])
            .values(name="员工甲", phone="139-0000-8866")
        )
    found = Talk(school)
    await found.directory.refresh()
    yield found
    await database.close()


# --- a slip ---------------------------------------------------------------------------------------


async def test_scan_yes_and_when_is_the_whole_way(talk):
    await talk.slip(11)
    assert await talk.scans(f"qrscene_b{CODE}") == "您是员*甲，班组2厨师？"
    assert await talk.accounts() == []
    assert await talk.says("是我") == "绑好了，员*甲。没看不扣钱，不排名。\n什么时候看方便？"
    assert await talk.accounts() == ["oA"]
    assert say.CONSENT in await talk.says("午休")
    assert await talk.preferred(11) == PreferredTime.NOON
    assert say.AGREED in await talk.says("同意提醒")
    worker = talk.school.worker_ids[11]
    (consent,) = await talk.consents.of_worker(worker)
    assert consent.wording == say.CONSENT


async def test_yes_said_twice_finds_it_done(talk):
    await talk.bound(11)
    assert await talk.says("是我") == talk.binding.settled().text
    assert await talk.accounts() == ["oA"]


async def test_not_me_binds_nothing_and_leaves_the_slip_good(talk):
    await talk.slip(11)
    await talk.scans(f"b{CODE}")
    assert await talk.says("不是我") == say.NOT_ME
    assert await talk.says("是我") == say.NOTHING_ASKED
    assert await talk.accounts() == []
    assert "您是" in await talk.scans(f"b{CODE}", "oOwner")


async def test_the_code_may_be_typed(talk):
    await talk.slip(11)
    assert "您是员*甲" in await talk.says(grouped(CODE))
    assert "绑好了" in await talk.says("１")


async def test_a_slip_used_twice_expired_void_unknown_or_left_gets_its_sentence(talk):
    await talk.slip(11)
    await talk.scans(f"b{CODE}")
    await talk.says("是我")
    assert "用过了" in await talk.scans(f"b{CODE}", "oB")
    await talk.slip(10, "222222222222")
    await talk.slip(10, "333333333333")
    assert "作废" in await talk.scans("b222222222222", "oB")
    assert await talk.scans("b999999999999", "oB") == say.NO_SLIP
    assert await talk.says("9999 9999 9999", "oB") == say.NO_SLIP
    talk.school.clock.pass_(days=31)
    assert "过期" in await talk.scans("b333333333333", "oB")
    await talk.slip(9, "444444444444")
    async with talk.school.database.write() as connection:
        await connection.execute(
            workers.update()
            .where(workers.c.id == talk.school.worker_ids[9])
            .values(ended=talk.school.clock.now().date())
        )
    assert await talk.scans("b444444444444", "oB") == say.LEFT
    assert await talk.accounts() == ["oA"]


async def test_two_phones_that_scanned_the_same_slip_the_slower_is_told(talk):
    await talk.slip(11)
    await talk.scans(f"b{CODE}", "oFast")
    await talk.scans(f"b{CODE}", "oSlow")
    assert "绑好了" in await talk.says("是我", "oFast")
    assert "用过了" in await talk.says("是我", "oSlow")
    assert await talk.accounts() == ["oFast"]


async def test_after_ten_minutes_yes_means_nothing(talk):
    await talk.slip(11)
    await talk.scans(f"b{CODE}")
    talk.school.clock.pass_(minutes=10)
    assert await talk.says("是我") == say.NOTHING_ASKED
    assert await talk.accounts() == []


async def test_foreign_codes_are_not_ours(talk):
    for scene in ("", "shop-7", "b123", "qrscene_", "b48219935021x"):
        assert await talk.scans(scene) is None


# --- what the worker knows ---------------------------------------------------------------------------


async def test_number_name_and_phone_bind_after_yes(talk):
    assert await talk.says("lb000011，员工甲，13900008866") == "您是员*甲，班组2厨师？"
    assert "绑好了" in await talk.says("对。")
    assert await talk.accounts() == ["oA"]


@pytest.mark.parametrize(
    "typed",
    [
        "绑定 LB000011 员工乙 8866",
        "绑定 LB000011 员工甲 8867",
        "绑定 LB009999 员工甲 8866",
        "绑定 LB000010 员工甲 8866",
    ],
)
async def test_every_wrong_fact_gets_the_same_answer(talk, typed):
    assert await talk.says(typed) == say.NO_MATCH


async def test_a_worker_with_another_account_gets_that_answer_too(talk):
    await talk.bound(11, "oOwner")
    assert await talk.says(RIGHT, "oThief") == say.NO_MATCH


async def test_after_five_tries_even_the_right_facts_wait_for_tomorrow(talk):
    for _ in range(5):
        assert await talk.says("绑定 LB000011 员工乙 1111") == say.NO_MATCH
    assert await talk.says(RIGHT) == say.TOO_OFTEN
    assert await talk.says("9999 9999 9999") == say.TOO_OFTEN
    assert "您是" in await talk.says(RIGHT, "oOther")
    talk.school.clock.pass_(hours=25)
    assert "您是" in await talk.says(RIGHT)


# --- a newcomer -----------------------------------------------------------------------------------------


async def poster(talk) -> None:
    await talk.desk.add_poster(
        Poster(scene="tabc", channel=OFFICIAL, team_id=1, team="班组1", url="u"),
        by=None,
        now=talk.school.clock.now(),
    )


async def test_a_newcomer_waits_for_the_scheduler(talk):
    await poster(talk)
    assert await talk.scans("qrscene_tabc") == "班组1新来的吧？您做什么？"
    assert await talk.says("厨师") == say.NAME_PLEASE
    assert await talk.says("供货商塞了两条烟咋办") == say.NAME_PLEASE
    assert await talk.says("厨师") == say.NAME_PLEASE  # said twice
    assert await talk.rows(newcomers) == []
    assert say.WAITING_WORD in await talk.says("王小芳")
    (row,) = await talk.rows(newcomers)
    assert (row.name, row.post, row.team_id) == ("王小芳", Post.COOK, 1)
    assert await talk.accounts() == [] and talk.directory.who(OFFICIAL, "oA") is None


async def test_another_post_is_picked_from_all_of_them(talk):
    await poster(talk)
    await talk.scans("tabc")
    assert await talk.says("2") == "新来的吧？您做什么？"
    assert await talk.says("采购") == say.NAME_PLEASE
    await talk.says("王小芳")
    assert (await talk.rows(newcomers))[0].post == Post.BUY


async def test_a_poster_of_somebody_else_is_named_so(talk):
    assert await talk.scans("tgone") == say.POSTER_GONE


async def test_whoever_is_bound_needs_no_poster(talk):
    await poster(talk)
    await talk.bound(11)
    assert await talk.scans("tabc") == say.ALREADY


# --- wishes of a bound worker ------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "time"), [(label, time) for time, label in say.TIMES.items()])
async def test_when_it_suits_is_kept(talk, word, time):
    await talk.bound(11)
    await talk.says(f"{word}。")
    assert await talk.preferred(11) == time


async def test_paper_ends_the_consent_and_says_who_can_tell(talk):
    await talk.bound(11)
    await talk.says("同意提醒")
    assert await talk.says("不想收") == say.PAPER
    assert await talk.consents.standing(OFFICIAL, ConsentPurpose.TEMPLATE) == frozenset()


@pytest.mark.parametrize("word", ["取消提醒", "退订"])
async def test_a_consent_is_withdrawn_by_a_word(talk, word):
    await talk.bound(11)
    assert await talk.says(word) == say.NO_CONSENT
    await talk.says("同意提醒")
    assert await talk.says(word) == say.WITHDRAWN
    assert await talk.accounts() == ["oA"]


async def test_on_wecom_no_more_means_paper(talk):
    assert await talk.says("退订", "u0", WECOM) == say.PAPER
    assert await talk.preferred(0) == PreferredTime.PAPER_ONLY
    assert say.WHEN in await talk.says("我要收", "u0", WECOM)


async def test_unbinding_asks_once_and_then_knows_nobody(talk):
    await talk.bound(11)
    assert "确认解绑（员*甲）" in await talk.says("解绑")
    assert "确认解绑" in await talk.says("解绑1")
    assert await talk.accounts() == ["oA"]
    assert await talk.says("确认解绑") == say.UNBOUND
    assert await talk.accounts() == [] and talk.directory.who(OFFICIAL, "oA") is None
    assert (await talk.says("午休")).startswith(say.HOW_TO)


async def test_a_new_account_is_explained(talk):
    await talk.bound(11)
    assert await talk.says("换号") == say.CHANGE_ACCOUNT


async def test_two_on_one_account_say_whose_word_it_is(talk):
    await talk.bound(10)
    await talk.bound(11)
    assert len(talk.directory.sharers(OFFICIAL, "oA")) == 2
    assert "2 是员*甲" in await talk.says("午休")
    assert await talk.preferred(11) == PreferredTime.ANY
    await talk.says("午休2")
    assert await talk.preferred(11) == PreferredTime.NOON
    assert await talk.preferred(10) == PreferredTime.ANY
    assert "解绑2（员*甲）" in await talk.says("确认解绑")
    for _ in range(2):
        # the second time it would be the other one's
        await talk.says("解绑1")
    assert [one.name for one in talk.directory.sharers(OFFICIAL, "oA")] == ["员工甲"]


async def test_unsubscribing_and_coming_back(talk):
    await talk.bound(11)
    await talk.says("同意提醒")
    await talk.binding.lost(OFFICIAL, "oA")
    assert await talk.consents.standing(OFFICIAL, ConsentPurpose.TEMPLATE) == frozenset()
    screen = await talk.binding.back(OFFICIAL, "oA")
    assert screen is not None and screen.text == say.WELCOME_BACK
    assert await talk.binding.back(OFFICIAL, "oA") is None


async def test_a_second_person_binds_to_an_account_by_slip(talk):
    await talk.bound(10)
    await talk.slip(11)
    await talk.scans(f"b{CODE}")
    assert "绑好了" in await talk.says("是我")
    assert await talk.accounts() == ["oA", "oA"]


# --- what is typed: pure ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "claim"),
    [
        ("绑定 LB000123 王小芳 8866", ("LB000123", "王小芳", "8866")),
        ("LB000123，王小芳，8866", ("LB000123", "王小芳", "8866")),
        ("王小芳 lb000123 13800138866", ("LB000123", "王小芳", "8866")),
        ("８８６６ 王小芳 ＬＢ１", ("LB1", "王小芳", "8866")),
        ("2024 王芳 8866", ("2024", "王芳", "8866")),
        ("绑定 a1 迪丽热巴·买买提 8866", ("A1", "迪丽热巴买买提", "8866")),
        ("绑定 LB000123 王小芳", None),
        ("绑定", None),
        ("供货商塞了两条烟", None),
        ("我 3 月 5 号上 8 楼", None),
        ("绑定 LB1 王芳 88", None),
    ],
)
def test_claims_are_read_in_any_order(typed, claim):
    found = claim_in(typed)
    assert found == (Claim(number=claim[0], name=claim[1], tail=claim[2]) if claim else None)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小芳", "王*芳"), ("王芳", "王*"), ("王", "*"), ("", "*"), ("欧阳小芳", "欧**芳")],
)
def test_names_are_masked(name, shown):
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王小芳。", "王小芳"),
        ("买买提·艾力", "买买提·艾力"),
        ("王", None),
        ("我叫王小芳呀呀", None),
        ("13900008866", None),
        ("wang", None),
    ],
)
def test_a_name_is_a_name(typed, name):
    assert name_in(typed) == name


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_without_a_fault(text):
    code, claim, name = code_in(text), claim_in(text), name_in(text)
    assert code is None or (len(code) == 12 and code.isdecimal())
    assert claim is None or len(claim.tail) == 4
    assert name is None or 2 <= len(name) <= 40


@given(st.text(max_size=60))
def test_a_masked_name_never_shows_the_middle(name):
    shown = masked(name)
    assert len(shown) <= max(1, len(name.strip()))
    assert set(shown[1:-1]) <= {"*"}
