"""The page's JavaScript and the Python side write and read each other's bytes."""

import base64
import dataclasses
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey
from PIL import Image

from lianbot.door.clock import school_day
from lianbot.officer import book, casework, keyfile, mending, opening, second
from lianbot.officer.casework import Case, Letter, State
from lianbot.sealing import bulletin, derivation, envelope, intake, packs, receipts, stamps, weeks
from lianbot.sealing.recipients import Office, Recipients, office_of, write_recipients

DRIVER = Path(__file__).with_name("driver.mjs")
MODULES = Path(__file__).parents[2] / "frontend" / "node_modules" / "libsodium-wrappers-sumo"
SALT = bytes(range(16))
WORDS = "kabo tilu semi pano ruka dezi"
KEY = envelope.OpeningKey.from_seed(28, b"\x09" * 32)
FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not MODULES.exists(), reason="needs node and `npm ci` in frontend/"
)


class Page:
    """A running driver; `ask` puts one question."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, name: str, **question: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"ask": name, **question}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with subprocess.Popen(
        ["node", str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Page(process)
        assert process.stdin is not None
        process.stdin.close()


def test_the_page_makes_the_published_envelope(page: Page) -> None:
    reader = envelope.OpeningKey.from_seed(7, b"\x11" * 32).public
    body = '{"v":1,"t":"concern","i":0,"text":"食堂有人收回扣"}'.encode()
    sealed = page.ask(
        "vector",
        receipt="31415926535897932317",
        salt=SALT.hex(),
        body=body.hex(),
        reader=reader.hex(),
    )
    import hashlib

    assert hashlib.sha256(bytes.fromhex(sealed)).hexdigest() == (
        "bc6793c6d620d13cd0bcf6bff446144157cb928c2f36f8e9042f6022e4edb26d"
    )


@FEW
@given(st.binary(max_size=3000), st.integers(0, 65535))
def test_python_opens_what_the_page_seals(page: Page, body: bytes, epoch: int) -> None:
    key = dataclasses.replace(KEY, epoch=epoch)
    sealed = page.ask(
        "seal",
        body=body.hex(),
        tag="ab" * 16,
        epoch=epoch,
        salt=SALT.hex(),
        readers=[os.urandom(32).hex(), key.public.hex()],
        padded=16384,
    )
    opened = envelope.open_envelope(bytes.fromhex(sealed), site_salt=SALT, keys=[key])
    assert opened is not None
    assert opened.body == body


@FEW
@given(st.binary(max_size=3000))
def test_the_page_opens_what_python_seals(page: Page, body: bytes) -> None:
    sealed = envelope.seal(body, tag=bytes(16), epoch=28, site_salt=SALT, readers=[KEY.public])
    opened = page.ask(
        "open",
        envelope=sealed.hex(),
        salt=SALT.hex(),
        epoch=28,
        pub=KEY.public.hex(),
        secret=KEY.secret.hex(),
    )
    assert opened == body.hex()


def test_the_page_opens_no_dummy(page: Page) -> None:
    sealed = envelope.dummy(SALT)
    assert (
        page.ask(
            "open",
            envelope=sealed.hex(),
            salt=SALT.hex(),
            epoch=28,
            pub=KEY.public.hex(),
            secret=KEY.secret.hex(),
        )
        is None
    )


def test_both_derive_the_same_keys_and_tags(page: Page) -> None:
    receipt = receipts.new_receipt()
    keys = derivation.reporter_keys(receipt, SALT)
    assert page.ask("keys", receipt=receipt, salt=SALT.hex()) == [
        one.hex()
        for one in (
            keys.to_officer,
            keys.to_worker,
            keys.bulletin,
            keys.reply_public,
            keys.w(5),
            keys.o(6),
        )
    ]


def test_receipts_of_either_side_are_receipts_for_the_other(page: Page) -> None:
    made = page.ask("receipts", count=200)
    assert [receipts.read_receipt(one) for one in made] == made
    assert all(page.ask("valid", receipts=[receipts.new_receipt() for _ in range(200)]))
    assert not any(page.ask("valid", receipts=["31415926535897932318", "1" * 20, ""]))


def test_codes_leaves_and_roots_agree(page: Page) -> None:
    key, row = os.urandom(32), envelope.dummy(SALT)
    hashes = [os.urandom(32) for _ in range(13)]
    assert page.ask("code", key=key.hex(), week="2026W47") == bulletin.code(key, "2026W47")
    assert page.ask("leaf", envelope=row.hex()) == intake.leaf(row).hex()
    assert page.ask("root", hashes=[one.hex() for one in hashes]) == intake.root(hashes).hex()


def test_the_page_reads_the_bulletin(page: Page) -> None:
    said = bulletin.Bulletin(
        week="2026W47",
        codes=tuple(range(36)),
        root=b"r" * 32,
        leaves=(b"l" * 32,) * 3,
        statement={"text": "改了"},
    )
    read = page.ask("bulletin", raw=bulletin.write_bulletin(said).hex())
    assert read == ["2026W47", list(range(36)), (b"r" * 32).hex(), 3, {"text": "改了"}]


def test_the_pages_stamp_is_worth_a_calm_hour(page: Page) -> None:
    body = os.urandom(500)
    stamp = bytes.fromhex(page.ask("stamp", body=body.hex()))
    assert stamps.zero_bits(stamp, stamps.envelope_mark(body)) >= stamps.CALM_BITS


def test_key_files_of_either_side_open_on_the_other(page: Page) -> None:
    made = keyfile.read_keyfile(page.ask("keyfile", words=WORDS), WORDS)
    assert (made.office, set(made.epochs)) == ("hq", {28})
    own = keyfile.new_keys("hq", "后勤纪检委员", 28)
    office, seed, public = page.ask(
        "readKeyfile", file=keyfile.write_keyfile(own, WORDS), words=WORDS
    )
    assert (office, seed) == ("hq", own.sign_seed.hex())
    assert office_of(json.loads(public)["office"]) == own.public


def sample() -> Case:
    letter = Letter(number=0, kind="concern", day="2026-12-01", text="少收多记", photos=("aa",))
    return Case(
        id="0badcafe",
        opened="2026-12-02",
        category="buying",
        place="库房",
        knowing="few",
        state=State.RECEIVED,
        rpk="",
        ko="",
        kb="",
        letters=(letter,),
    )


def test_a_book_goes_to_the_page_and_back(page: Page) -> None:
    kept = book.Book(seen=frozenset({"aa"})).with_case(casework.answer(sample(), "好"))
    kept = kept.noted(date(2026, 12, 1), "hq", "reply")
    key = os.urandom(32)
    back = book.read_book(
        page.ask("rewriteBook", file=book.write_book(kept, key), key=key.hex()), key
    )
    assert back.cases == kept.cases
    assert len(back.audit) == 2


def test_the_page_opens_answers_and_packs_like_the_command_line(page: Page) -> None:
    own = keyfile.new_keys("hq", "后勤纪检委员", 28)
    listed = Recipients(
        log="lianbot/0123456789abcdef",
        salt=SALT,
        serial=1,
        day=date(2026, 11, 1),
        offices=(
            own.public,
            Office(id="jw", name="校纪委", superior=True, sign=bytes(32), keys={}),
        ),
    )
    reporter = derivation.reporter_keys("31415926535897932317", SALT)
    body = {
        "v": 1,
        "t": "concern",
        "i": 0,
        "day": "2026-12-01",
        "category": "gift",
        "text": "回扣",
        "rpk": base64.b64encode(reporter.reply_public).decode(),
        "ko": base64.b64encode(reporter.to_worker).decode(),
        "kb": base64.b64encode(reporter.bulletin).decode(),
    }
    sealed = envelope.seal(
        json.dumps(body).encode(),
        tag=reporter.w(0),
        epoch=28,
        site_salt=SALT,
        readers=[own.public.keys[28]],
    )
    found, raw_book, raw_pack = page.ask(
        "openSealed",
        key=keyfile.write_keyfile(own, WORDS),
        words=WORDS,
        today="2026-12-02",
        recipients=write_recipients(listed, SigningKey(bytes(32))),
        sealed=(envelope.dummy(SALT) + sealed).hex(),
        text="在查",
    )
    case = book.read_book(raw_book, own.book_key).case(found[0])
    pack = packs.read_pack(raw_pack, {"hq": own.public.sign})
    replies = [row for row in pack.replies if row[:16] == reporter.o(0)]
    mine = envelope.OpeningKey(epoch=0, public=reporter.reply_public, secret=reporter.reply_secret)
    opened = envelope.open_envelope(replies[0], site_salt=SALT, keys=[mine])
    assert case.replies[0].week == "2026W49"
    assert opened is not None
    assert json.loads(opened.body)["text"] == "在查"
    assert bulletin.code(reporter.bulletin, "2026W49") in pack.codes
    assert pack.statement == {"text": "改了"}


KEY32 = base64.b64encode(b"\x09" + bytes(31)).decode()
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 2**33),
    st.lists(st.sampled_from(["ab" * 16, "AB", "\ud800", 7]), max_size=5),
    st.sampled_from([KEY32, KEY32[:-2] + "B=", base64.b64encode(bytes(32)).decode(), "AAAA"]),
    st.sampled_from(["2026-11-30", "2026-02-31", "0000-01-01", "20261130", "2026-W49-1"]),
    st.text(st.sampled_from("食堂 a\ud83d\udc00\x00é"), max_size=6),
)


@FEW
@given(
    fields=st.fixed_dictionaries(
        dict.fromkeys(("i", "day", "text", "place", "photos", "ko", "kb", "rpk"), ODD)
    ),
    kind=st.one_of(st.just("concern"), ODD),
)
def test_both_make_the_same_of_a_strangers_letter(
    page: Page, fields: dict[str, object], kind: object
) -> None:
    key = envelope.OpeningKey.from_seed(28, b"\x11" * 32)
    today = date(2026, 12, 2)
    sealed = envelope.seal(
        json.dumps({"v": 1, "t": kind, **fields}).encode(),
        tag=bytes(16),
        epoch=28,
        site_salt=SALT,
        readers=[key.public],
    )
    harvest = opening.open_sealed(
        sealed, book=book.Book(), keys=[key], salt=SALT, week="2026W49", today=today
    )
    assert page.ask(
        "openStrange",
        sealed=sealed.hex(),
        pub=key.public.hex(),
        secret=key.secret.hex(),
        salt=SALT.hex(),
        today=today.isoformat(),
    ) == json.loads(json.dumps([dataclasses.asdict(case) for case in harvest.book.cases]))


def test_the_page_knows_half_a_file_from_a_whole_one(page: Page) -> None:
    rows = sorted(envelope.dummy(SALT) for _ in range(3))
    leaves = [leaf.hex() for leaf in intake.leaves(rows)]
    for sealed, whole in ((rows, True), (rows[:2], False), (rows[::-1], False)):
        assert page.ask("listedBy", leaves=leaves, sealed=b"".join(sealed).hex()) is whole
    assert page.ask("listedBy", leaves=7, sealed="") is False


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"office": "xx"}, "key"),
        ({"sign": "11" * 32}, "key"),
        ({"epoch": 27}, "quarter"),
        ({"seed": "11" * 32}, "quarter"),
    ],
)
def test_the_page_opens_nothing_with_the_wrong_list_or_an_old_key(
    page: Page, changed: dict[str, Any], said: str | None
) -> None:
    own = keyfile.new_keys("hq", "后勤纪检委员", 28)
    listed = Recipients(
        log="lianbot/0", salt=SALT, serial=1, day=date(2026, 12, 1), offices=(own.public,)
    )
    given = {
        "office": "hq",
        "sign": own.sign_seed.hex(),
        "epoch": 28,
        "seed": own.epochs[28].hex(),
    }
    file = write_recipients(listed, SigningKey(bytes(32)))
    assert page.ask("fits", recipients=file, **(given | changed)) == said


@pytest.mark.parametrize(
    ("first", "other", "fault"),
    [
        (("hq", 1), ("jw", 2), ""),
        (("hq", 1), ("jw", 3), "stranger"),
        (("hq", 1), ("zz", 3), "stranger"),
        (("hq", 1), ("hq", 1), "same"),
        (("hq", 1), ("yy", 1), "same"),
        (("hq", 3), ("jw", 2), "key"),
    ],
)
def test_both_take_only_another_listed_office_for_the_second_person(
    page: Page, first: tuple[str, int], other: tuple[str, int], fault: str
) -> None:
    def keys(office: str, seed: int) -> keyfile.OfficerKeys:
        made = keyfile.new_keys(office, office, 28)
        return dataclasses.replace(made, sign_seed=bytes([seed]) * 32)

    offices = tuple(keys(*one).public for one in (("hq", 1), ("jw", 2), ("yy", 1)))
    listed = Recipients(
        log="lianbot/0", salt=SALT, serial=1, day=date(2026, 12, 1), offices=offices
    )
    words = {"stranger": "自己做的不算", "same": "自己办公室", "key": "没有您这把钥匙"}
    file = write_recipients(listed, SigningKey(bytes(32)))
    pairs = {
        name: [one[0], (bytes([one[1]]) * 32).hex()]
        for name, one in (("first", first), ("other", other))
    }
    said = page.ask("second", recipients=file, **pairs)
    if fault:
        with pytest.raises(casework.CaseworkError, match=words[fault]):
            second.second_of(keys(*other), keys(*first), listed)
        assert said == fault
    else:
        assert said == second.second_of(keys(*other), keys(*first), listed).said


def test_both_follow_the_same_table_of_steps(page: Page) -> None:
    following, shown = page.ask("tables")
    assert {
        State(one): {State(to) for to in more} for one, more in following.items()
    } == casework.NEXT
    assert {State(one): word for one, word in shown.items()} == casework.SHOWN


def test_both_count_weeks_quarters_and_workdays_alike(page: Page) -> None:
    days = [date(2024, 12, 20) + timedelta(days=n) for n in range(1200)]
    assert page.ask("weeks", days=[day.isoformat() for day in days]) == [
        [
            weeks.week_of(day),
            weeks.weeks_before(weeks.week_of(day), 30),
            weeks.epoch_of(day),
            casework.add_workdays(day, 5).isoformat(),
        ]
        for day in days
    ]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-29T15:59:59Z",
        "2026-11-29T16:00:00Z",
        "2026-12-31T20:00:00Z",
        "2026-11-30T07:00:00+08:00",
    ],
)
def test_both_have_the_schools_day_wherever_the_computer_stands(page: Page, moment: str) -> None:
    assert (
        page.ask("schoolDay", moment=moment)
        == school_day(lambda: datetime.fromisoformat(moment)).isoformat()
    )


@pytest.mark.parametrize("state", list(State))
def test_both_name_the_same_deadlines(page: Page, state: State) -> None:
    today = date(2026, 12, 20)
    step = casework.Step(day="2026-12-04", state=state.value, by="hq")
    for case in (sample(), dataclasses.replace(sample(), state=state, steps=(step,))):
        raw = json.loads(json.dumps(dataclasses.asdict(case)))
        assert page.ask("deadlines", one=raw, today=today.isoformat()) == [
            [one.due.isoformat(), one.late] for one in casework.deadlines(case, today)
        ]


DAYS = st.dates(date(2026, 12, 1), date(2027, 9, 1))
REPLY_WEEKS = st.lists(st.one_of(st.just(""), DAYS.map(weeks.week_of)), max_size=3)


@st.composite
def worked_on(draw: st.DrawFn) -> Case:
    """A case in any state with steps and answers as they may come about."""
    days = sorted(draw(st.lists(DAYS, max_size=3)))
    states = draw(st.lists(st.sampled_from(list(State)), min_size=len(days), max_size=len(days)))
    steps = tuple(
        casework.Step(day=day.isoformat(), state=state.value, by="hq")
        for day, state in zip(days, states, strict=True)
    )
    texts = st.sampled_from(["回音", *casework.CARE.values()])
    replies = tuple(
        casework.Reply(number=number, shown="received", text=draw(texts), week=week)
        for number, week in enumerate(draw(REPLY_WEEKS))
    )
    return dataclasses.replace(
        sample(),
        state=states[-1] if states else State.RECEIVED,
        steps=steps,
        replies=replies,
        opened=draw(DAYS).isoformat(),
        ko=draw(st.sampled_from(["", "aa"])),
        rpk=draw(st.sampled_from(["", "bb", "bb"])),
        objected=draw(st.booleans()),
    )


@FEW
@given(case=worked_on(), today=DAYS, kind=st.sampled_from(["more", "object"]))
def test_both_follow_the_same_rules_of_casework(
    page: Page, case: Case, today: date, kind: str
) -> None:
    raw = json.loads(json.dumps(dataclasses.asdict(case)))
    asked = {"one": raw, "today": today.isoformat()}
    assert page.ask("deadlines", **asked) == [
        [one.due.isoformat(), one.late] for one in casework.deadlines(case, today)
    ]
    until = casework.objection_until(case)
    assert page.ask("until", one=raw) == (until.isoformat() if until else None)
    cared = casework.care(case, today)
    assert page.ask("care", **asked) == [reply.text for reply in cared.replies]
    letter = Letter(number=1, kind=kind, day=today.isoformat(), text="不服")
    grown = casework.receive(case, letter, today)
    told = page.ask("receive", letter=json.loads(json.dumps(dataclasses.asdict(letter))), **asked)
    assert told == json.loads(json.dumps(dataclasses.asdict(grown)))


@FEW
@given(
    text=st.text("少收多记班长两箱 ", max_size=20),
    letter=st.text("少收多记班长两箱 ", min_size=1, max_size=20),
    alike=st.integers(1, 4),
    opened=DAYS,
    today=DAYS,
    people=st.integers(0, 9),
    unit=st.sampled_from(["", "北库"]),
    kind=st.sampled_from(["rectify", "lesson", "blame"]),
)
def test_both_let_the_same_proposals_out(
    page: Page,
    text: str,
    letter: str,
    alike: int,
    opened: date,
    today: date,
    people: int,
    unit: str,
    kind: str,
) -> None:
    written = dataclasses.replace(sample().letters[0], text=letter)
    cases = [
        dataclasses.replace(
            sample(), id=f"{number:08x}", opened=opened.isoformat(), letters=(written,)
        )
        for number in range(alike)
    ]
    kept = book.Book(cases=tuple(cases))
    try:
        made: dict[str, object] | None = mending.propose(
            kept, cases[0], kind, text, today, unit=unit, people=people
        ).record()
    except mending.FloorError:
        made = None
    raw = [json.loads(json.dumps(dataclasses.asdict(one))) for one in cases]
    wish = {"kind": kind, "text": text, "today": today.isoformat(), "unit": unit, "people": people}
    assert page.ask("propose", book={"cases": raw}, one=raw[0], wish=wish) == made


def test_the_page_warns_of_what_could_name_the_writer(page: Page) -> None:
    texts = [
        "打我电话138 1234 5678",
        "身份证11010519491231002X",
        "我叫张三",
        "302床的",
        "工号 7788",
        "食堂有人收回扣，2026年",
        "",
    ]
    signs = page.ask("signs", texts=texts)
    assert [bool(one) for one in signs] == [True, True, True, True, True, False, False]


def test_the_page_drops_every_segment_that_could_tell(page: Page) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(
        out, "JPEG", comment=b"Zhang San", exif=b"Exif\x00\x00GPS", icc_profile=b"P" * 200
    )
    clean = bytes.fromhex(page.ask("stripped", raw=out.getvalue().hex()))
    assert not any(word in clean for word in (b"Zhang San", b"GPS", b"PPPP"))
    with Image.open(io.BytesIO(clean)) as picture:
        picture.load()
        assert picture.size == (40, 30)
