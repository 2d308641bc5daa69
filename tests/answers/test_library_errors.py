import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lianbot.curriculum.faq import LibraryError, load_library, read_wordings
from lianbot.domain.codes import Topic

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def spoil(tmp_path: Path, content: Path) -> Spoil:
    """A copy of the library in which one file has one text replaced."""

    def change(name: str, old: str, new: str) -> Path:
        for folder in ("faq", "understanding"):
            shutil.copytree(content / folder, tmp_path / folder)
        shutil.copy(content / "topics.yaml", tmp_path)
        path = tmp_path / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return change


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("understanding/questions.txt", "[kickback]", "[kickbak]", "questions.txt:"),
        ("understanding/questions.txt", "[gift-offer]\n", "", "questions.txt:3"),
        ("understanding/words.yaml", "cannot: [", "cannot: x[", "words.yaml:5: cannot"),
        ("understanding/words.yaml", "举报: how-report", "举报: how", "words.yaml:"),
        ("understanding/hearing.yaml", "mishearings:", "mishearing:", "mishearings"),
        ("understanding/urgent.yaml", "kind: fire", "kind: fier", "第 1 条规则"),
        ("understanding/screens.yaml", "  fire:", "  fier:", "urgent_first"),
        ("understanding/concepts.yaml", "老板: [", "老板: [[", "concepts.yaml:"),
        ("faq/FAQ-kickback.md", "topic: kickback", "topic: bribe", "FAQ-kickback.md:8: topic"),
        ("faq/FAQ-kickback.md", "topic: kickback", "topic: banquet", "kickback"),
        ("faq/FAQ-kickback.md", 'article: "8", ', "", "FAQ-kickback.md:"),
        ("faq/FAQ-kickback.md", "---\nid", "--\nid", "FAQ-kickback.md:1"),
    ],
)
def test_a_spoiled_file_is_named_with_its_place(
    spoil: Spoil, name: str, old: str, new: str, place: str
) -> None:
    with pytest.raises(LibraryError) as caught:
        load_library(spoil(name, old, new))
    assert place in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"gone\.txt:1: 没有这个文件"):
        read_wordings(tmp_path / "gone.txt")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("[kickback]\n回扣".encode("gbk"))
    with pytest.raises(LibraryError, match=r"old\.txt:1: 不是 UTF-8"):
        read_wordings(path)


def test_remarks_and_empty_lines_are_no_wordings(tmp_path: Path) -> None:
    path = tmp_path / "few.txt"
    path.write_text("# 说明\n\n[kickback]\n 给返点 \n", encoding="utf-8")
    assert read_wordings(path) == {Topic.KICKBACK: ("给返点",)}
