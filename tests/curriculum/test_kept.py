"""The file with the counted wordings: the same answers with it as without, and never believed when in doubt."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lianbot.curriculum import kept
from lianbot.curriculum.kept import FILE, open_understanding, own_folder
from lianbot.domain.codes import Topic
from lianbot.understanding import packing
from lianbot.understanding.known import KnownWordings
from lianbot.understanding.library import Language
from lianbot.understanding.reader import Understanding

LANGUAGE = Language(
    questions={
        Topic.HOW_REPORT: ("供货商塞了两条烟咋办", "有人送礼怎么办", "过节给我送了购物卡"),
        Topic.BOSS_ORDER: ("老板请吃饭能去吗", "供货商叫我吃饭"),
    },
    off_topic=("今天天气怎么样", "食堂几点开门"),
    concepts={"礼": ("烟", "购物卡"), "吃": ("吃饭", "请客")},
)
ASKED = ("塞了一条烟怎么办", "请我吃饭", "天气好吗", "有人送礼怎么办", "购物卡", "随便说说")


@pytest.fixture
def counted(monkeypatch) -> list[int]:
    """How often the wordings were counted; nothing is shared with other tests of this process."""
    times: list[int] = []
    count = KnownWordings.count

    def counting(*given):
        times.append(1)
        return count(*given)

    monkeypatch.setattr(kept, "_made", {})
    monkeypatch.setattr(KnownWordings, "count", counting)
    return times


def opened_anew(language: Language, folder: Path) -> Understanding:
    """As another process would."""
    kept._made.clear()
    return open_understanding(language, folder)


def test_answers_are_the_same_with_the_file_as_without(tmp_path, counted):
    first = opened_anew(LANGUAGE, tmp_path)
    second = opened_anew(LANGUAGE, tmp_path)
    assert len(counted) == 1
    assert second is not first
    assert second.known == first.known
    assert [second.read(text) for text in ASKED] == [first.read(text) for text in ASKED]


def test_the_file_is_for_its_owner_alone_and_no_part_is_left(tmp_path, counted):
    opened_anew(LANGUAGE, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"\0",
        lambda data: b"\x80\x04" + data[2:],
        lambda data: data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
        lambda data: data.replace("送礼".encode(), "送花".encode()),
        lambda data: os.urandom(len(data)),
    ],
    ids=["empty", "cut", "half", "longer", "other start", "one bit", "other words", "noise"],
)
def test_a_spoiled_file_is_not_believed_and_made_anew(tmp_path, counted, spoil):
    asked = opened_anew(LANGUAGE, tmp_path).read(ASKED[0])
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(spoil(whole))
    assert opened_anew(LANGUAGE, tmp_path).read(ASKED[0]) == asked
    assert len(counted) == 2
    assert (tmp_path / FILE).read_bytes() == whole


def test_numbers_that_lead_nowhere_are_not_believed_even_with_the_right_sum(counted):
    known = Understanding(LANGUAGE).known
    key = bytes(packing.KEY_BYTES)
    lost = known.postings.where[:]
    lost[0] = len(known.texts)
    assert packing.unpack(packing.pack(known, key), key) is not None
    for wrong in (
        replace(known, texts=known.texts[:-1]),
        replace(known, odds=known.odds[:-1]),
        replace(known, lean_start=known.lean_start[:-1]),
        replace(known, postings=replace(known.postings, where=lost)),
    ):
        assert packing.unpack(packing.pack(wrong, key), key) is None


def test_what_follows_the_sum_must_be_what_it_seems():
    key = bytes(packing.KEY_BYTES)
    for payload in (b"", b"\0\0\0\x02{}", b"\0\0\0\x02[]", b"\xff\xff\xff\xff", b"\0\0\0\x01{"):
        digest = hashlib.sha256(payload).digest()
        assert packing.unpack(packing.MAGIC + key + digest + payload, key) is None


@pytest.mark.parametrize(
    "changed",
    [
        replace(LANGUAGE, off_topic=("今天天气怎么样", "食堂几点关门")),
        replace(LANGUAGE, concepts={"礼": ("烟", "购物卡", "酒")}),
        replace(LANGUAGE, mishearings={"公资": "工资"}),
        replace(LANGUAGE, dialect={"咋办": "怎么办"}),
        replace(LANGUAGE, sounds=("工资",)),
    ],
    ids=["wordings", "concepts", "mishearings", "dialect", "sounds"],
)
def test_other_words_are_counted_anew(tmp_path, counted, changed):
    opened_anew(LANGUAGE, tmp_path)
    opened_anew(changed, tmp_path)
    assert len(counted) == 2


def test_other_code_counts_anew(tmp_path, counted, monkeypatch):
    opened_anew(LANGUAGE, tmp_path)
    code = tmp_path / "understanding"
    code.mkdir()
    (code / "reader.py").write_text("")
    monkeypatch.setattr(kept, "_CODE", code)
    opened_anew(LANGUAGE, tmp_path)
    assert len(counted) == 2


def test_a_folder_that_is_not_there_or_not_a_folder_costs_only_the_counting(tmp_path, counted):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "nowhere", tmp_path / "file", None):
        assert opened_anew(LANGUAGE, folder).read(ASKED[0])
    assert len(counted) == 3
    assert own_folder(tmp_path / "file") is None


def test_a_second_house_in_the_process_shares_what_was_counted(tmp_path, counted):
    first = open_understanding(LANGUAGE, tmp_path / "a")
    assert open_understanding(LANGUAGE, tmp_path / "b") is first
    assert len(counted) == 1
