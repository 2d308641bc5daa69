"""Calls from the Official Account platform in its three modes: believed, forged, malformed."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianbot.channels.official import CallbackMode, OfficialAccount, OfficialChannel
from lianbot.domain.messages import InboundKind, PlatformCall
from lianbot.ports.channel import ForgedCallError, MalformedCallError

TEXT = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"
    "<FromUserName><![CDATA[oA-1_b]]></FromUserName><CreateTime>1796105220</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[帮助]]></Content>"
    "<MsgId>4561255354251345929</MsgId></xml>"
)


def plain_call(envelope: Any, body: bytes, **changes: str) -> PlatformCall:
    timestamp, nonce = str(int(envelope.clock.now().timestamp())), "77"
    query = {
        "signature": envelope.sign(timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": "oA-1_b",
    }
    return PlatformCall(method="POST", query={**query, **changes}, body=body)


def sealed_call(envelope: Any, body: str, encrypted: str) -> PlatformCall:
    query = {**envelope.query(encrypted), "signature": "0", "encrypt_type": "aes"}
    return PlatformCall(method="POST", query=query, body=body.encode())


def test_a_plain_push_is_understood(plain: OfficialChannel, envelope: Any) -> None:
    heard = plain.receive(plain_call(envelope, TEXT.encode()))
    assert (heard.kind, heard.account, heard.text, heard.receiver) == (
        InboundKind.TEXT,
        "oA-1_b",
        "帮助",
        "gh_1",
    )


def test_a_safe_push_is_understood(channel: OfficialChannel, envelope: Any) -> None:
    assert channel.receive(envelope.push(TEXT)).text == "帮助"


def test_of_a_compatible_push_only_the_signed_part_is_read(
    session: Any, shelf: Any, clock: Any, make_account: Any, envelope: Any
) -> None:
    account = make_account("http://x", mode=CallbackMode.COMPATIBLE)
    channel = OfficialChannel(account, session=session, shelf=shelf, clock=clock)
    encrypted = envelope.encrypt(TEXT)
    forged = TEXT.replace("帮助", "收到")
    body = forged.replace("</xml>", f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>")
    assert channel.receive(sealed_call(envelope, body, encrypted)).text == "帮助"


def test_a_plain_push_in_safe_mode_is_not_believed(
    channel: OfficialChannel, envelope: Any
) -> None:
    with pytest.raises(ForgedCallError):
        channel.receive(plain_call(envelope, TEXT.encode()))


def test_a_plain_push_with_a_borrowed_signature_is_not_believed(
    channel: OfficialChannel, envelope: Any
) -> None:
    call = plain_call(envelope, TEXT.encode(), msg_signature=envelope.sign("1", "2"))
    with pytest.raises(MalformedCallError):
        channel.receive(call)


def test_a_sealed_push_in_plain_mode_is_malformed(plain: OfficialChannel, envelope: Any) -> None:
    body = envelope.push(TEXT).body
    with pytest.raises(MalformedCallError):
        plain.receive(plain_call(envelope, body))


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "0", "é"])
def test_a_wrong_or_missing_parameter_is_forged(
    plain: OfficialChannel, envelope: Any, name: str, value: str
) -> None:
    with pytest.raises(ForgedCallError):
        plain.receive(plain_call(envelope, TEXT.encode(), **{name: value}))


def test_a_true_signature_is_believed_for_fifteen_minutes(
    plain: OfficialChannel, envelope: Any, clock: Any
) -> None:
    call = plain_call(envelope, TEXT.encode())
    clock.move(minutes=14)
    plain.receive(call)
    clock.move(minutes=2)
    with pytest.raises(ForgedCallError):
        plain.receive(call)


def test_a_push_for_another_account_is_forged(channel: OfficialChannel, envelope: Any) -> None:
    with pytest.raises(ForgedCallError):
        channel.receive(envelope.push(TEXT, receiver="wx0000000000000000"))


def test_the_address_check_gets_its_echo_back(channel: OfficialChannel, envelope: Any) -> None:
    call = plain_call(envelope, b"", echostr="8326 <b>")
    answer = channel.verify_address(call)
    assert (answer.status, answer.content_type, answer.body) == (200, "text/plain", b"8326 <b>")


@pytest.mark.parametrize("changes", [{"signature": "0"}, {"echostr": ""}, {"timestamp": "1"}])
def test_an_address_check_that_is_none_is_forged(
    channel: OfficialChannel, envelope: Any, changes: dict[str, str]
) -> None:
    with pytest.raises(ForgedCallError):
        channel.verify_address(plain_call(envelope, b"", **{"echostr": "1", **changes}))


@pytest.mark.parametrize(
    ("aes_key", "mode", "expected"),
    [
        ("a" * 43, None, CallbackMode.SAFE),
        ("", None, CallbackMode.PLAIN),
        ("a" * 43, CallbackMode.PLAIN, CallbackMode.PLAIN),
        ("a" * 43, CallbackMode.COMPATIBLE, CallbackMode.COMPATIBLE),
    ],
)
def test_a_key_makes_the_mode_safe_unless_said_otherwise(
    aes_key: str, mode: CallbackMode | None, expected: CallbackMode
) -> None:
    account = OfficialAccount(appid="a", secret="s", token="t", aes_key=aes_key, mode=mode)
    assert account.callback_mode is expected


PLAIN_GARBAGE = {
    "nothing": b"",
    "words": b"hello",
    "empty root": b"<xml></xml>",
    "not UTF-8": b"<xml>\xff</xml>",
    "JSON": b'{"MsgType": "text"}',
    "too large": TEXT.encode().replace(b"<MsgId>", b" " * 300_000 + b"<MsgId>"),
    "entity bomb": b'<!DOCTYPE x [<!ENTITY a "b">]>' + TEXT.encode(),
    "nested event key": TEXT.encode()
    .replace(b"[text]", b"[event]")
    .replace(b"<Content>", b"<Event>subscribe</Event><EventKey><a>1</a></EventKey><Content>"),
}


@pytest.mark.parametrize("label", PLAIN_GARBAGE)
def test_a_plain_body_that_is_no_push_is_malformed(
    plain: OfficialChannel, envelope: Any, label: str
) -> None:
    with pytest.raises(MalformedCallError):
        plain.receive(plain_call(envelope, PLAIN_GARBAGE[label]))


NAMES = st.sampled_from(
    ["MsgType", "Event", "EventKey", "CreateTime", "FromUserName", "Content", "bizmsgmenuid"]
)
VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["text", "event", "subscribe", "device_text", "qrscene_1", "1796105220"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(leaves=st.lists(st.tuples(NAMES, VALUES), max_size=9), junk=st.binary(max_size=40))
def test_whatever_is_signed_is_understood_or_refused(
    plain: OfficialChannel, envelope: Any, leaves: list[tuple[str, str]], junk: bytes
) -> None:
    xml = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in leaves)
    for body in (f"<xml>{xml}</xml>".encode(), junk):
        try:
            plain.receive(plain_call(envelope, body))
        except (ForgedCallError, MalformedCallError):
            continue
