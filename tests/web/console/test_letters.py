"""信箱文件: the officer's real files pass through unopened; every wrong one gets a sentence; the page never changes."""

import base64
import dataclasses
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from nacl.signing import SigningKey

from lianbot.domain.rectification import RectificationState
from lianbot.door.bucket import Bucket
from lianbot.door.keeper import open_keeper
from lianbot.flows.duties import NOT_FETCHED
from lianbot.flows.intake import Intake
from lianbot.officer.book import Book
from lianbot.officer.keyfile import new_keys
from lianbot.officer.weekly import attestation, make_pack
from lianbot.ports.rectification import RectificationFilter
from lianbot.sealing.packs import read_pack
from lianbot.sealing.recipients import Recipients, write_recipients
from lianbot.sealing.reporter import Reporter
from lianbot.storage.door_files import DoorFiles
from lianbot.storage.ledger import LedgerStore

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
TODAY = date(2026, 12, 1)


@pytest.fixture
def door(tmp_path: Path, house):
    """A real door's folder with two offices, and the officers' keys."""
    folder = tmp_path / "door"
    folder.mkdir()
    keys = [new_keys("hq", "后勤纪检委员", 28), new_keys("jw", "校纪委", 28, superior=True)]
    listed = Recipients(
        log=house.origin,
        salt=bytes(range(16)),
        serial=1,
        day=date(2026, 11, 30),
        offices=tuple(one.public for one in keys),
    )
    (folder / "recipients.json").write_text(write_recipients(listed, SigningKey(b"\x05" * 32)))
    keeper = open_keeper(folder, lambda: NOW, lambda: 0.0)
    keeper.letter_bucket = Bucket(seconds=lambda: 0.0, per_hour=10**6, per_day=10**6)
    return SimpleNamespace(
        folder=folder, keys=keys, recipients=listed, keeper=keeper, shelf=DoorFiles(folder)
    )


@pytest.fixture
async def officer(open_console, door):
    return await open_console("only-officer", shelf=door.shelf)


def a_pack(door, number=0, today=TODAY, **changes) -> bytes:
    book = dataclasses.replace(Book(), fetched="2026W48")
    _, raw = make_pack(book, door.keys[number], door.recipients, today, **changes)
    return raw.encode()


async def upload(browser, raw: bytes, name="hq.pack"):
    form = aiohttp.FormData()
    form.add_field("csrf", browser.csrf)
    form.add_field("file", raw, filename=name)
    return await browser.client.post("/console/letters", data=form, allow_redirects=False)


def shelved(door) -> list[str]:
    return sorted(path.name for path in (door.folder / "in").iterdir())


async def test_files_leave_byte_for_byte_and_without_their_time(officer, door):
    for name in ("recipients.json", "intake.json", "sealed.bin", "bulletin.bin"):
        response = await officer.get(f"/letters/files/{name}")
        assert response.status == 200
        assert await response.read() == (door.folder / "out" / name).read_bytes()
        assert "Last-Modified" not in response.headers
        assert "ETag" not in response.headers


async def test_the_page_is_the_same_whatever_lies_in_the_box(officer, door):
    def bare(text: str) -> str:
        return re.sub(r'(name="csrf" (content|value)=")[^"]+', r"\1", text)

    before = bare(await officer.page("/letters"))
    reporter = Reporter(
        recipients=door.recipients,
        day=TODAY,
        post=lambda path, body: door.keeper.exchange(body, bytes.fromhex(path.partition("=")[2])),
    )
    reporter.file("食堂有人收回扣")
    door.keeper.flush()
    assert bare(await officer.page("/letters")) == before


@pytest.mark.parametrize(
    "name",
    [
        "concern.db",
        "spool.bin",
        "..%2Fconcern.db",
        "attest.json",
        "media-2026W47.bin",
        "front.json",
    ],
)
async def test_nothing_else_of_the_door_can_be_taken(officer, name):
    assert (await officer.get(f"/letters/files/{name}")).status == 404


async def test_a_real_pack_reaches_the_door_and_is_sent_by_its_flush(officer, door):
    response = await upload(officer, a_pack(door))
    assert (response.status, response.headers["Location"]) == (
        303,
        "/console/letters?said=letters-pack",
    )
    assert shelved(door) == ["hq-2026W49-001.pack"]
    door.keeper.flush()
    said = json.loads((door.folder / "out" / "attest.json").read_text())["attest"]
    assert [one["week"] for one in said] == ["2026-W48"]


async def test_a_second_pack_of_the_week_does_not_push_out_the_first(officer, door):
    first, second = a_pack(door), a_pack(door)
    for raw in (first, second, first):
        await upload(officer, raw)
    assert shelved(door) == ["hq-2026W49-001.pack", "hq-2026W49-002.pack"]
    door.keeper.flush()
    signers = {"hq": door.keys[0].public.sign}
    tags = {row[:16] for row in door.keeper.letter_store.rows() for row in [row[0]]}
    for raw in (first, second):
        assert {one[:16] for one in read_pack(raw.decode(), signers).replies} <= tags


def resigned(raw: bytes, key, **changes) -> bytes:
    """The pack with other contents, properly signed: a broken tool, not a forger."""
    inner = json.loads(base64.b64decode(json.loads(raw)["pack"])) | changes
    text = json.dumps(inner).encode()
    signature = key.signing.sign(b"lianbot pack\x00" + text).signature
    return json.dumps(
        {
            "v": 1,
            "pack": base64.b64encode(text).decode(),
            "sig": base64.b64encode(signature).decode(),
        }
    ).encode()


async def test_every_wrong_file_gets_a_sentence_and_nothing_is_kept(officer, door):
    good = a_pack(door)
    key, other = door.keys
    broken = json.loads(good)
    broken["sig"] = base64.b64encode(bytes(64)).decode()
    stranger = new_keys("xx", "别处", 28)

    def saying(statement: bytes) -> bytes:
        padded = base64.b64encode(statement.ljust(1024)).decode()
        return resigned(good, key, statement=padded)

    wrong = {
        "认不出": b"\x89PNG",
        "不是离线工具做的": b'{"pack": 7}',
        "签名不对": json.dumps(broken).encode(),
        "没有“xx”": resigned(good, stranger, office="xx"),
        "周包不完整": resigned(good, key, codes=["000000"] * 11),
        "8 封信": resigned(good, key, replies=["AAAA"] * 8),
        "核对做包那台电脑的日期": a_pack(door, today=date(2027, 3, 1)),
        "对不上确认账": resigned(good, key, attest=base64.b64encode(bytes(64)).decode()),
        "不是本周的包": b'{"v": 1, "pack": "' + b"A" * 310_000 + b'"}',
        "请重新导出": b'{"pack": ' + b"[" * 100_000,
        "给出的那一行": b'{"officer": ' + b"[" * 100_000,
        "不是离线工具做的建议文件": b'{"kind": ' + b"[" * 100_000,
        "officer propose": b'{"kind":"lesson","text":"\\ud800","v":1,"unit":"","floor":"old"}',
        "提整改或课的建议": b'{"kind":"lesson","text":"a\\u0000","v":1,"unit":"","floor":"old"}',
        "代号写得不对": resigned(good, key, office="\ud800"),
        "“改了什么”读不懂": saying(b"no JSON"),
        "整个周包丢开；请用": saying(b'["text"]'),
        "请用离线工具重新做。": saying(b'{"text":"\\ud800"}'),
        "“改了什么”太长": saying(b'{"text":[' + b"0," * 400 + b"0]}"),
        "已取到 2026W50 周": resigned(good, key, fetched="2026W50"),
    }
    for sentence, raw in wrong.items():
        response = await upload(officer, raw)
        text = await response.text()
        assert response.status == 400, sentence
        assert sentence in text
    assert shelved(door) == []
    assert (await upload(officer, resigned(good, other, office="hq"))).status == 400


async def test_an_attestation_alone_reaches_the_ledger(officer, door, house):
    key = door.keys[0]
    signed = attestation(key, door.recipients, "2026W48")
    line = {
        "officer": key.public.officer,
        "week": "2026-W48",
        "sig": base64.b64encode(signed).decode(),
    }
    response = await upload(officer, json.dumps(line).encode(), "attest.json")
    assert response.status == 303
    book = LedgerStore(house.database)
    intake = Intake(shelf=door.shelf, book=book, clock=house.clock)
    await intake.record()
    assert [fact.week for fact in await book.facts_of("attest")] == ["2026-W48"]
    assert await intake.record() == 0
    forged = line | {"week": "2026-W49"}
    assert (await upload(officer, json.dumps(forged).encode())).status == 400


PROPOSAL = {"v": 1, "kind": "rectify", "text": "收货排两人", "unit": "", "floor": "old"}


async def test_the_officers_own_words_become_an_item_that_tells_of_no_letter(
    officer, house, open_console
):
    response = await upload(officer, json.dumps(PROPOSAL).encode(), "proposal.json")
    assert response.status == 303
    page = await (await open_console("only-auditor")).page("/rectifications/1")
    assert "纪检委员提出" in page
    assert "收货排两人" in page
    for word in ("意见箱", "来件", "同类", "60 天", "匿名"):
        assert word not in page
    by_audit = [one.action for one in await house.audit.newest(20)]
    assert "rectification.raised" in by_audit
    assert "letters.put" not in by_audit


async def test_what_the_officer_saw_without_a_letter_looks_the_same(officer, house, open_console):
    for floor in ("alike", "own"):
        form = {"kind": "rectify", "text": "收货排两人", "floor": floor, "unit": ""}
        assert (await officer.post("/letters/propose", form)).status == 303
    every = RectificationFilter(states=frozenset(RectificationState))
    one, other = await house.rectifications.all(every)
    assert dataclasses.replace(one, number=0) == dataclasses.replace(other, number=0)
    rows = await house.audit.newest(2)
    assert (rows[0].action, rows[0].after) == (rows[1].action, rows[1].after)


async def test_a_lesson_of_the_officer_reaches_the_editors_once(officer, house):
    words = PROPOSAL | {"kind": "lesson", "text": "讲讲两人收货"}
    assert (await upload(officer, json.dumps(words).encode())).status == 303
    assert (await upload(officer, json.dumps(words).encode())).status == 400
    assert [one.text for one in await house.proposals.proposals(open_only=True)] == [
        "讲讲两人收货"
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"floor": ""}, {"floor": "one"}, {"unit": "三个人的班"}, {"text": " "}, {"kind": "blame"}],
)
async def test_below_the_floor_nothing_is_raised(officer, house, wrong):
    form = {"kind": "rectify", "text": "收货排两人", "floor": "alike", "unit": ""} | wrong
    assert (await officer.post("/letters/propose", form)).status == 400
    every = RectificationFilter(states=frozenset(RectificationState))
    assert await house.rectifications.all(every) == []
    assert await house.proposals.proposals(open_only=False) == []


async def test_without_a_door_the_page_says_so_and_nothing_breaks(open_console):
    officer = await open_console("only-officer", shelf=None)
    assert "LIANBOT_DOOR_DIR" in await officer.page("/letters")
    assert (await officer.get("/letters/files/sealed.bin")).status == 404
    assert (await upload(officer, b'{"v": 1, "pack": ""}')).status == 404


async def test_on_mondays_the_console_says_the_constant_line_to_officers_alone(
    officer, open_console
):
    assert "请查收信箱" in await officer.page("/")
    for name in ("only-reviewer", "only-auditor", "only-sysadmin", "only-editor"):
        browser = await open_console(name)
        assert "请查收信箱" not in await browser.page("/")


async def test_weeks_without_a_fetch_are_told_to_the_superior_in_the_console(open_console, house):
    await house.switches.alert(NOT_FETCHED, "有办公室登记到 2026-W45 周为止", house.clock.now())
    page = await (await open_console("only-reviewer")).page("/")
    assert "信箱超过七天没有登记取信" in page
    assert "信箱超过七天没有登记取信" not in await (await open_console("only-editor")).page("/")
