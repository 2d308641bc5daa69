"""Calls from WeCom: right, wrong, missing and replayed signatures; garbage that is signed all the same."""

import base64
import os
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianbot.channels.wecom import WeComChannel
from lianbot.domain.messages import InboundKind, PlatformCall
from lianbot.ports.channel import ForgedCallError, MalformedCallError

# the platform's own sample [S4]; its padding is 30, which 16-byte unpadders refuse
SAMPLE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911"
    "L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLx"
    "AUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9"
    "nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/u"
    "h9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
SAMPLE_QUERY = {
    "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
    "timestamp": "1409659813",
    "nonce": "1372623149",
}
TEXT = (
    "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>"
    "<FromUserName><![CDATA[ZhangSan]]></FromUserName><CreateTime>1796105220</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[帮助]]></Content>"
    "<MsgId>4561255354251345929</MsgId><AgentID>218</AgentID></xml>"
)


def sample_call(**changes: str) -> PlatformCall:
    body = f"<xml><Encrypt><![CDATA[{SAMPLE}]]></Encrypt></xml>".encode()
    return PlatformCall(method="POST", query={**SAMPLE_QUERY, **changes}, body=body)


@pytest.fixture
def at_the_time_of_the_sample(clock: Any) -> None:
    clock.moment = datetime.fromtimestamp(1409659813, UTC)


@pytest.mark.usefixtures("at_the_time_of_the_sample")
def test_the_platforms_own_sample_is_understood(channel: WeComChannel) -> None:
    message = channel.receive(sample_call())
    assert (message.kind, message.account, message.text) == (
        InboundKind.TEXT,
        "mycreate",
        "hello",
    )
    assert message.sent_at == datetime.fromtimestamp(1409659813, UTC)


@pytest.mark.usefixtures("at_the_time_of_the_sample")
@pytest.mark.parametrize("name", sorted(SAMPLE_QUERY))
@pytest.mark.parametrize(
    "value", ["", "0", "é", "\ud800", "477715d11cdb4164915debcba66cb864d751f3e7"]
)
def test_a_wrong_or_missing_parameter_is_forged(
    channel: WeComChannel, name: str, value: str
) -> None:
    with pytest.raises(ForgedCallError):
        channel.receive(sample_call(**{name: value}))


def test_a_call_without_a_signature_is_refused_before_its_body_is_read(
    channel: WeComChannel,
) -> None:
    with pytest.raises(ForgedCallError):
        channel.receive(PlatformCall(method="POST", query={}, body=b"<bomb"))


def test_a_true_signature_of_last_year_is_forged(channel: WeComChannel) -> None:
    with pytest.raises(ForgedCallError):
        channel.receive(sample_call())


def test_the_same_call_again_is_a_repeat_and_no_error(
    channel: WeComChannel, envelope: Any, clock: Any
) -> None:
    call = envelope.push(TEXT)
    first = channel.receive(call)
    clock.move(minutes=14)
    assert channel.receive(call) == first


def test_a_platform_repeat_has_the_same_key_in_another_envelope(
    channel: WeComChannel, envelope: Any
) -> None:
    first = channel.receive(envelope.push(TEXT))
    again = channel.receive(envelope.push(TEXT, nonce="another"))
    assert first.repeat_key == again.repeat_key


def test_a_push_for_another_corp_is_forged(channel: WeComChannel, envelope: Any) -> None:
    with pytest.raises(ForgedCallError):
        channel.receive(envelope.push(TEXT, receiver="wx0000000000000000"))


def test_the_address_check_gets_the_plain_echo_and_nothing_else(
    channel: WeComChannel, envelope: Any
) -> None:
    echo = envelope.encrypt("1616140317555161061")
    query = {**envelope.query(echo), "echostr": echo}
    answer = channel.verify_address(PlatformCall(method="GET", query=query, body=b""))
    assert (answer.status, answer.body) == (200, b"1616140317555161061")


def test_an_echo_whose_plus_became_a_space_is_understood(
    channel: WeComChannel, envelope: Any
) -> None:
    echo = next(e for e in (envelope.encrypt("1616") for _ in range(1000)) if "+" in e)
    query = {**envelope.query(echo), "echostr": echo.replace("+", " ")}
    call = PlatformCall(method="GET", query=query, body=b"")
    assert channel.verify_address(call).body == b"1616"


def test_an_address_check_with_a_wrong_signature_is_forged(
    channel: WeComChannel, envelope: Any
) -> None:
    echo = envelope.encrypt("1616")
    query = {**envelope.query(echo), "echostr": envelope.encrypt("1616")}
    with pytest.raises(ForgedCallError):
        channel.verify_address(PlatformCall(method="GET", query=query, body=b""))


def test_a_wrong_padding_under_a_true_signature_is_malformed(
    channel: WeComChannel, envelope: Any
) -> None:
    message = TEXT.encode()
    frame = os.urandom(16) + struct.pack(">I", len(message)) + message + b"wx5823bf96d3bd56c7"
    pad = 32 - len(frame) % 32
    crooked = frame + bytes([pad ^ 1]) * (pad - 1) + bytes([pad])
    with pytest.raises(MalformedCallError):
        channel.receive(envelope.push_cipher(envelope.encrypt_frame(crooked)))


@pytest.mark.parametrize("length", [0, 1, 2**16, 2**32 - 1])
def test_a_wrong_length_field_never_passes(
    channel: WeComChannel, envelope: Any, length: int
) -> None:
    message = TEXT.encode()
    frame = os.urandom(16) + struct.pack(">I", length) + message + b"wx5823bf96d3bd56c7"
    pad = 32 - len(frame) % 32
    encrypted = envelope.encrypt_frame(frame + bytes([pad]) * pad)
    with pytest.raises((ForgedCallError, MalformedCallError)):
        channel.receive(envelope.push_cipher(encrypted))


@pytest.mark.parametrize(
    "encrypted",
    ["", "A", "====", "不是密文", base64.b64encode(b"short").decode(), "AAAA" * 8, "x" * 100_000],
    ids=lambda text: text[:8] or "empty",
)
def test_no_cipher_text_under_a_true_signature_is_malformed(
    channel: WeComChannel, envelope: Any, encrypted: str
) -> None:
    with pytest.raises(MalformedCallError):
        channel.receive(envelope.push_cipher(encrypted))


NO_MESSAGES = {
    "nothing": "",
    "empty root": "<xml></xml>",
    "closed root": "<xml/>",
    "another root": "<other><MsgType>text</MsgType></other>",
    "cut off": "<xml><MsgType>text",
    "plain words": "plain words",
    "no kind": "<xml><MsgType/></xml>",
    "nested kind": "<xml><MsgType><a>text</a></MsgType></xml>",
    "kind twice": "<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>",
    "event without name": "<xml><MsgType>event</MsgType></xml>",
    "nested event": "<xml><MsgType>event</MsgType><Event><a/></Event></xml>",
    "time in words": TEXT.replace("1796105220", "soon"),
    "time after the year 9999": TEXT.replace("1796105220", "9" * 12),
    "time of 5,000 digits": TEXT.replace("1796105220", "9" * 5000),
    "time below zero": TEXT.replace("1796105220", "-5"),
    "nobody": TEXT.replace("<![CDATA[ZhangSan]]>", ""),
    "nested sender": TEXT.replace("<![CDATA[ZhangSan]]>", "<a>1</a>"),
    "nested text": TEXT.replace("<![CDATA[帮助]]>", "<a>1</a><a>2</a>"),
    "DTD": '<!DOCTYPE x [<!ENTITY a "b">]>' + TEXT,
    "deep": TEXT.replace("帮助]]>", "]]>" + "<a>" * 50 + "</a>" * 50),
}


@pytest.mark.parametrize("label", NO_MESSAGES)
def test_a_signed_message_that_is_none_is_malformed(
    channel: WeComChannel, envelope: Any, label: str
) -> None:
    with pytest.raises(MalformedCallError):
        channel.receive(envelope.push(NO_MESSAGES[label]))


@pytest.mark.parametrize(
    "body",
    [b"", b"<xml></xml>", b"{}", b"<xml><Encrypt/></xml>", b"<xml>" + b"a" * 300_000 + b"</xml>"],
    ids=lambda body: repr(body[:16]),
)
def test_a_body_without_a_cipher_text_is_malformed(channel: WeComChannel, body: bytes) -> None:
    with pytest.raises(MalformedCallError):
        channel.receive(PlatformCall(method="POST", query=SAMPLE_QUERY, body=body))


ELEMENTS = st.sampled_from(
    ["xml", "MsgType", "Event", "EventKey", "CreateTime", "FromUserName", "Content", "MsgId"]
)
VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from(["text", "event", "click", "1796105220", "&j;", "<!--"])
)


@st.composite
def nearly_messages(draw: st.DrawFn) -> str:
    leaves = draw(st.lists(st.tuples(ELEMENTS, VALUES, st.booleans()), max_size=9))
    return "".join(
        f"<{name}><![CDATA[{value}]]></{name}>" if quoted else f"<{name}>{value}</{name}>"
        for name, value, quoted in leaves
    ).join(("<xml>", "</xml>"))


FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FUZZ
@given(text=st.one_of(st.text(), nearly_messages()))
def test_whatever_is_signed_is_understood_or_refused(
    channel: WeComChannel, envelope: Any, text: str
) -> None:
    call = envelope.push(text)
    try:
        channel.receive(call)
    except (ForgedCallError, MalformedCallError):
        return


@FUZZ
@given(frame=st.binary(max_size=160))
def test_whatever_frame_is_signed_is_understood_or_refused(
    channel: WeComChannel, envelope: Any, frame: bytes
) -> None:
    whole = frame + bytes(-len(frame) % 16)
    with pytest.raises((ForgedCallError, MalformedCallError)):
        channel.receive(envelope.push_cipher(envelope.encrypt_frame(whole)))


@FUZZ
@given(
    query=st.dictionaries(
        st.sampled_from(["msg_signature", "timestamp", "nonce", "echostr"]), st.text(max_size=50)
    ),
    body=st.binary(max_size=200),
)
def test_an_unsigned_call_is_refused_whatever_it_holds(
    channel: WeComChannel, query: dict[str, str], body: bytes
) -> None:
    call = PlatformCall(method="POST", query=query, body=body)
    with pytest.raises((ForgedCallError, MalformedCallError)):
        channel.receive(call)
    with pytest.raises((ForgedCallError, MalformedCallError)):
        channel.verify_address(call)
