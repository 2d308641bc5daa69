"""The door over HTTP: constant sizes, constant answers, no header too many, whatever is sent."""

import dataclasses
import gzip
import os
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from lianbot.door.app import NOWHERE
from lianbot.door.keeper import ANSWER, EXCHANGE, PHOTO_ANSWER, PHOTOS
from lianbot.sealing.recipients import write_recipients

MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PATH = st.text(alphabet=string.ascii_letters + string.digits + "/%.?=&_-;~", max_size=60)
METHOD = st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "BREW"])


def is_constant(answer: bytes) -> bool:
    """The one answer to everything else, byte for byte."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = sorted(head.split(b"\r\n"))
    return body in {NOWHERE, b""} and lines == sorted(
        [
            b"HTTP/1.1 404 Not Found",
            b"Access-Control-Allow-Origin: null",
            b"Cache-Control: no-store",
            b"Content-Type: text/plain; charset=utf-8",
            b"X-Content-Type-Options: nosniff",
            b"Content-Length: %d" % len(NOWHERE),
            b"Connection: close",
        ]
    )


async def test_hit_miss_put_duplicate_and_refusal_look_alike(school: Any, wire: Any) -> None:
    letter = school.letter()
    other = school.letter(tag=letter[:16], body=b"other")
    bodies = [
        school.ask(letter, put=False),
        school.ask(letter),
        school.ask(letter, put=False),
        school.ask(letter),
        school.ask(other),
        bytes([7]) + os.urandom(EXCHANGE - 1),
    ]
    answers = [await wire.ask("POST", "/c/x", body) for body in bodies]
    assert {status for status, _, _ in answers} == {200}
    assert {len(body) for _, _, body in answers} == {ANSWER}
    assert len({tuple(headers.items()) for _, headers, _ in answers}) == 1


async def test_a_letter_put_over_the_wire_reads_back(school: Any, wire: Any) -> None:
    assert await wire.put(school, school.letter())


async def test_photos_are_answered_in_one_size(school: Any, wire: Any) -> None:
    real = b"".join(school.photo() for _ in range(4))
    answers = [await wire.ask("POST", "/c/m", body) for body in (real, os.urandom(PHOTOS))]
    assert [(status, len(body)) for status, _, body in answers] == [(200, PHOTO_ANSWER)] * 2


async def test_the_bulletin_is_one_constant_size(wire: Any) -> None:
    status, headers, body = await wire.ask("GET", "/c/b")
    assert (status, len(body)) == (200, 65536)
    assert headers["access-control-allow-origin"] == "null"


async def test_no_answer_names_the_server_the_time_or_credentials(wire: Any) -> None:
    for method, path in (("GET", "/m/"), ("GET", "/c/b"), ("GET", "/nowhere")):
        _, headers, _ = await wire.ask(method, path)
        assert not {"server", "date", "set-cookie", "access-control-allow-credentials"} & set(
            headers
        )


async def test_the_page_carries_the_policy_of_the_contract(wire: Any) -> None:
    status, headers, body = await wire.ask("GET", "/m/")
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert policy.startswith(
        "sandbox allow-scripts allow-forms; default-src 'none'; script-src 'sha256-"
    )
    assert "connect-src http://door.test/c/; img-src blob:; form-action 'none'" in policy
    assert policy.endswith("require-trusted-types-for 'script'; trusted-types 'none'")
    assert "\\u003c" in body.decode() or "<i id=site>{" in body.decode()


async def test_the_page_is_zipped_for_whoever_asks(wire: Any) -> None:
    _, _, plain = await wire.ask("GET", "/m/")
    _, headers, zipped = await wire.ask("GET", "/m/?from=menu", Accept_Encoding="gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped) == plain


@pytest.mark.parametrize(
    "front",
    ["", "[]", "{", "[" * 100_000, '{"faq": []}', '{"notice": "</script><b>"}', "\x00\xff"],
)
async def test_whatever_lies_in_front_json_the_page_works(
    school: Any, wire: Any, front: str
) -> None:
    (school.folder / "in" / "front.json").write_text(front, encoding="latin-1")
    status, _, body = await wire.ask("GET", "/m/")
    assert status == 200
    assert b"</script><b>" not in body


async def test_the_page_obeys_no_broken_list_and_no_other_signer(school: Any, wire: Any) -> None:
    before = await wire.ask("GET", "/m/")
    path = school.folder / "recipients.json"
    other = write_recipients(school.recipients, SigningKey(b"\x09" * 32))
    salted = write_recipients(
        dataclasses.replace(school.recipients, salt=bytes(16)), SigningKey(b"\x05" * 32)
    )
    for raw in ("{", other, salted):
        path.write_text(raw)
        assert await wire.ask("GET", "/m/") == before


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n",
        b"GET /m/ HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"POST /c/x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /c/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
        b"POST /c/x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /c/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        b"POST /c/x HTTP/1.1\r\nHost: a\r\nExpect: teapot\r\nContent-Length: 1\r\n\r\n1",
        b"GET http://[::1/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /m/item HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /m/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        b"GET /c/x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /c/../m/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_everything_else_gets_the_one_constant_answer(wire: Any, sent: bytes) -> None:
    answer = await wire.raw(sent + b"\r\n\r\n", patience=0.5)
    assert answer == b"" or is_constant(answer), answer[:300]


async def test_a_client_that_asks_leave_to_send_may_send(school: Any, wire: Any) -> None:
    letter = school.letter()
    head = f"POST /c/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {EXCHANGE}\r\n\r\n"
    answer = await wire.raw(head.encode() + school.ask(letter))
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert letter in answer


@MANY
@given(method=METHOD, path=PATH, body=st.binary(max_size=300))
async def test_fuzzed_requests_never_raise_a_5xx_or_say_anything(
    wire: Any, method: str, path: str, body: bytes
) -> None:
    request = (
        f"{method} /{path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    answer = await wire.raw(request + body)
    assert is_constant(answer) or (
        method in {"GET", "HEAD"} and answer.startswith(b"HTTP/1.1 200")
    )


@MANY
@given(junk=st.binary(max_size=400))
async def test_fuzzed_bytes_get_the_constant_answer_or_none(wire: Any, junk: bytes) -> None:
    answer = await wire.raw(junk + b"\r\n\r\n", patience=0.3)
    assert answer == b"" or is_constant(answer), answer[:300]


@MANY
@given(flag=st.integers(0, 255), seed=st.binary(min_size=1, max_size=40), stamp=PATH)
async def test_fuzzed_exchanges_answer_in_one_size(
    wire: Any, flag: int, seed: bytes, stamp: str
) -> None:
    body = bytes([flag]) + (seed * EXCHANGE)[: EXCHANGE - 1]
    query = stamp.replace("%", "").replace("?", "")
    status, _, answer = await wire.ask("POST", f"/c/x?s={query}", body)
    assert (status, len(answer)) == (200, ANSWER)


async def test_forced_errors_write_no_line_anywhere(
    wire: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for sent in (b"GARBAGE\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"POST /c/x HTTP/1.1\r\n\r\n"):
        await wire.raw(sent)
    caught = capfd.readouterr()
    assert (caught.out, caught.err, caplog.text) == ("", "", "")
