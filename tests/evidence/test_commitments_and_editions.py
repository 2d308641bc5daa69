"""Commitments, editions and rosters against hashes written out by hand."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from lianbot.evidence.commitments import (
    BindChannel,
    Via,
    account_commitment,
    detail_commitment,
    quiz_commitment,
    worker_commitment,
)
from lianbot.evidence.editions import Media, QuizEdition, TextEdition, TextKind, edition_hash
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.rosters import roster_bytes, roster_hash

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text("utf-8"))
SALT = bytes(range(32))
UUID = "11111111-1111-4111-8111-111111111111"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_worker_is_the_hash_of_salt_and_uuid_text() -> None:
    assert worker_commitment(SALT, UUID) == sha(SALT + UUID.encode())


def test_an_account_is_the_hash_of_salt_channel_zero_and_id() -> None:
    expected = sha(SALT + b"official\x00oAbC")
    assert account_commitment(SALT, BindChannel.OFFICIAL, "oAbC") == expected


def test_no_account_is_an_empty_id_on_channel_none() -> None:
    assert account_commitment(SALT, BindChannel.NONE, "") == sha(SALT + b"none\x00")


def test_a_detail_is_the_hash_of_salt_and_canonical_json() -> None:
    opened = '{"msgid":"42","via":"oauth","wording":"看懂了"}'
    expected = sha(SALT + opened.encode())
    assert detail_commitment(SALT, msgid="42", via=Via.OAUTH, wording="看懂了") == expected


def test_a_quiz_answer_is_the_hash_of_salt_and_canonical_json() -> None:
    assert quiz_commitment(SALT, final=1, variant="QZ-1") == sha(
        SALT + b'{"final":1,"variant":"QZ-1"}'
    )


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(EvidenceError, match="32 bytes"):
        worker_commitment(bytes(length), UUID)


@pytest.mark.parametrize("uuid", ["", UUID.upper().replace("1", "A"), UUID[:-1], UUID + "\n"])
def test_an_id_that_is_no_lower_case_uuid_is_refused(uuid: str) -> None:
    with pytest.raises(EvidenceError, match="UUID"):
        worker_commitment(SALT, uuid)


@pytest.mark.parametrize(
    ("channel", "account"), [(BindChannel.NONE, "x"), (BindChannel.WECOM, "")]
)
def test_an_account_is_empty_exactly_for_channel_none(channel: BindChannel, account: str) -> None:
    with pytest.raises(EvidenceError, match="empty"):
        account_commitment(SALT, channel, account)


def lesson(**changes: Any) -> TextEdition:
    whole: dict[str, Any] = {
        "id": "LSN-RECV-001",
        "type": TextKind.LESSON,
        "title": "空白单子，一笔都不签",
        "text": "早上五点半，菜车到了。\n先过秤，再签字。",
        "tag": "情景案例",
        "quiz": [edition_hash(question().to_bytes())],
        "media": [Media(name="voice/LSN-RECV-001.amr", sha256="ef" * 32)],
    }
    return TextEdition(**(whole | changes))


def question() -> QuizEdition:
    return QuizEdition(
        id="QZ-RECV-001",
        text="司机急着走，让您先签空白单。您怎么办？",
        options=["先签，回头再补", "过秤写满，两人签", "让司机自己填"],
        answer=1,
        why="签了名，上面的数就算您点的。",
    )


def test_the_bytes_of_an_edition_never_change() -> None:
    assert lesson().to_bytes().decode() == GOLDEN["editions"]["lesson"]
    assert question().to_bytes().decode() == GOLDEN["editions"]["quiz"]


def test_an_edition_has_exactly_the_listed_keys() -> None:
    keys = {"id", "type", "title", "text", "tag", "quiz", "media"}
    assert set(json.loads(lesson().to_bytes())) == keys
    keys = {"id", "type", "text", "options", "answer", "why", "media"}
    assert set(json.loads(question().to_bytes())) == keys


@pytest.mark.parametrize("kind", TextKind)
def test_every_kind_of_item_has_bytes(kind: TextKind) -> None:
    assert json.loads(lesson(type=kind).to_bytes())["type"] == kind.value


def test_another_text_is_another_edition() -> None:
    assert edition_hash(lesson().to_bytes()) != edition_hash(lesson(text="别的").to_bytes())


@pytest.mark.parametrize(
    "changes",
    [{"text": "e\u0301"}, {"quiz": ["QZ-RECV-001"]}, {"id": "空白"}, {"media": [Media(name="a", sha256="b")]}],
)  # fmt: skip
def test_an_edition_with_a_wrong_field_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(EvidenceError):
        lesson(**changes).to_bytes()


@pytest.mark.parametrize("answer", [-1, 3, True])
def test_a_quiz_whose_answer_is_no_option_is_refused(answer: int) -> None:
    wrong = QuizEdition(id="QZ-1", text="?", options=["a", "b", "c"], answer=answer, why="")
    with pytest.raises(EvidenceError, match="option"):
        wrong.to_bytes()


def test_a_roster_is_sorted_lines_with_a_newline_after_each() -> None:
    data = roster_bytes(["cd" * 32, "ab" * 32])
    assert data == ("ab" * 32 + "\n" + "cd" * 32 + "\n").encode()
    assert roster_hash(data) == sha(data)


def test_an_empty_roster_is_no_bytes() -> None:
    assert roster_bytes([]) == b""


def test_a_worker_twice_in_a_roster_is_refused() -> None:
    with pytest.raises(EvidenceError, match="twice"):
        roster_bytes(["ab" * 32, "ab" * 32])
