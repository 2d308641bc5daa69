"""Broken forms get 400 and a sentence; a fault of ours gets 500 and tells the log of nobody."""

import asyncio
import io
import logging
from uuid import uuid4

import pytest
from aiohttp import ClientSession, FormData, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from fakes.house import page_in, people
from fakes.pages import Page
from lianbot.logs import set_up_logs
from lianbot.phrases import pages as say
from lianbot.storage.tables import acknowledgements
from lianbot.web.app import faults_in_words

PARTS = b'--x\r\nContent-Disposition: form-data; name="t"\r\n'
BROKEN = {
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n--x--\r\n"),
    "wrong boundary": ("multipart/form-data; boundary=y", PARTS + b"\r\nabc\r\n--x--\r\n"),
    "truncated head": ("multipart/form-data; boundary=x", PARTS[:30]),
    "truncated part": ("multipart/form-data; boundary=x", PARTS + b"\r\nabc"),
    "bad part charset": (
        "multipart/form-data; boundary=x",
        PARTS + b"Content-Type: text/plain; charset=klingon\r\n\r\nabc\r\n--x--\r\n",
    ),
    "bad part encoding": (
        "multipart/form-data; boundary=x",
        PARTS + b"Content-Transfer-Encoding: rot13\r\n\r\nabc\r\n--x--\r\n",
    ),
    "unknown charset": ("application/x-www-form-urlencoded; charset=klingon", b"t=1"),
    "no text charset": ("application/x-www-form-urlencoded; charset=hex", b"t=1"),
    "broken utf-8": ("application/x-www-form-urlencoded", b"t=\xff\xfe"),
    "half character": ("application/x-www-form-urlencoded; charset=utf-7", b"t=+2AA-"),
}


@pytest.fixture
async def stage(staged):
    async with staged(people(1)) as stage:
        yield stage


async def posted(url: str, kind: str, body: bytes) -> tuple[int, str]:
    headers = {"Content-Type": kind}
    async with ClientSession() as client, client.post(url, data=body, headers=headers) as got:
        return got.status, await got.text()


@pytest.mark.parametrize("where", ["i/{}/say", "i/{}/quiz", "i/{}/shown", "team/{}"])
async def test_a_broken_form_is_400_with_a_sentence(stage, where):
    """Before anything is looked up: which push it is does not matter."""
    url = f"{stage.base}/m/{where.format(uuid4())}"
    answers = {name: await posted(url, *broken) for name, broken in BROKEN.items()}
    assert answers == dict.fromkeys(BROKEN, (400, say.FORM_BROKEN))


async def test_a_file_in_place_of_a_field_is_left_out(stage):
    await stage.push()
    page = await Page.open(stage.twin, "hq000", page_in(stage.twin.received("hq000")[0]))
    form = FormData({"t": page.token})
    form.add_field("answer", io.BytesIO(b"cannot"), filename="answer.txt")
    async with ClientSession() as client, client.post(page.url + "/say", data=form) as got:
        assert got.status == 200
    async with stage.house.database.read() as connection:
        found = await connection.execute(select(func.count()).select_from(acknowledgements))
        assert found.scalar_one() == 0


@pytest.fixture
async def failing():
    """An application whose one page fails with words that must not be kept."""

    async def fail(_request: web.Request) -> web.Response:
        raise RuntimeError("planted-words")

    app = web.Application(middlewares=[faults_in_words])
    app.router.add_get("/m/{name}", fail)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_fault_of_ours_is_500_with_a_sentence(failing):
    got = await failing.get("/m/planted-path")
    assert (got.status, await got.text()) == (500, say.OUR_FAULT)


@pytest.fixture
def log(tmp_path):
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs(file=tmp_path / "log")
    yield tmp_path / "log"
    for one in root.handlers:
        one.close()
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_the_log_of_a_fault_has_its_kind_and_place_and_nobody(log, failing):
    await failing.get("/m/planted-path?code=planted-code")
    text = log.read_text()
    assert "RuntimeError" in text
    assert "in fail" in text
    assert [one for one in ("planted-path", "planted-code", "127.0.0.1") if one in text] == []


async def test_a_request_that_is_no_http_leaves_no_line_in_the_log(log, failing):
    reader, writer = await asyncio.open_connection("127.0.0.1", failing.port)
    writer.write(b"planted nonsense\x00\r\n\r\n")
    assert b"400" in (await reader.readline())
    writer.close()
    await writer.wait_closed()
    assert log.read_text() == ""
