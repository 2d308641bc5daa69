"""A small library that is right in every way, and a way to spoil one thing in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

# a busy machine must not make a property look broken
settings.register_profile("curriculum", deadline=None)
settings.load_profile("curriculum")

BODY = """早上五点半，菜车到了。司机说：“先签字，数我回去填。”
这个字不能签。单子空着，他填多少，都算您点的。
记住三步：
1. 先过秤，再看日期和票。
2. 数字写满，空格划掉。
3. 两个人一起签，拍照留底。
有人催，您就说：“规定两个人验，我一个人签不了。”
还逼您签？点“我想问问”，可以不写名字。"""

SCENE = """天还没亮，菜车到了。司机要赶下一家，递来一张空单。收货的师傅想，都是老熟人了，就先签了名。
月底对账，单上写着三百斤牛肉。库里只进了两百二十斤。
字是他签的，他说不清。供货的退了货款，他也调了岗。
其实那天只差一步。先过秤，把单子写满，叫上另一个人再签。"""

COMMON = {
    "title": "空白单子，一笔都不签",
    "posts": "[RECV, STORE]",
    "levels": "[L5, L6]",
    "risks": "[G4, G5]",
    "topic": "blank-sign",
    "sites": "[]",
    "status": "review",
    "version": "1",
    "author": "内容编写组",
    "reviewer": "null",
    "legal_reviewer": "null",
    "legal_basis": "[]",
    "sources": "[]",
    "truth": "rule",
    "valid_from": "2026-11-23",
    "valid_until": "2027-05-22",
    "variants": "{text: true, voice: null, picture: null, slow: true}",
    "changelog": "首版",
}
LAW = '[{law: 政府采购法, article: "41", edition: 2014-08-31, checked: 2026-11-22}]'


@dataclass
class Draft:
    """One item file in the making. `set(name, None)` takes a field out."""

    fields: dict[str, str]
    body: str = ""
    sections: dict[str, str] = field(default_factory=dict)

    def set(self, **changes: str | None) -> "Draft":
        fields = {
            name: value for name, value in (self.fields | changes).items() if value is not None
        }
        return Draft(fields, self.body, dict(self.sections))

    def says(self, body: str) -> "Draft":
        return Draft(dict(self.fields), body, dict(self.sections))

    def section(self, name: str, text: str | None) -> "Draft":
        sections = {key: value for key, value in self.sections.items() if key != name}
        return Draft(
            dict(self.fields), self.body, sections if text is None else sections | {name: text}
        )

    @property
    def text(self) -> str:
        front = "\n".join(f"{name}: {value}" for name, value in self.fields.items())
        tail = "".join(f"\n## {name}\n{text}\n" for name, text in self.sections.items())
        return f"---\n{front}\n---\n{self.body}\n{tail}"

    def line_of(self, words: str) -> int:
        return self.text[: self.text.index(words)].count("\n") + 1


def _lesson() -> Draft:
    return Draft(
        {"id": "LSN-RECV-001", "type": "lesson"}
        | COMMON
        | {
            "moment": "早上第一车菜到之前",
            "do": "过秤，写满，两个人签",
            "dont": "空白单子上签名",
            "quiz": "[QUIZ-RECV-001A, QUIZ-RECV-001B, QUIZ-RECV-001C]",
        },
        BODY,
        {"语音稿": "师傅好。空白单子不能签。先过秤，写满，两个人一起签。", "画面": "一张空单子。"},
    )


def _quiz(letter: str = "A") -> Draft:
    return Draft(
        {"id": f"QUIZ-RECV-001{letter}", "type": "quiz"}
        | COMMON
        | {
            "title": "司机急着走",
            "variant_of": "LSN-RECV-001",
            "stem": f"司机急着走，让您先签{letter}单。您怎么办？",
            "options": "[先签，回头再补, 过秤写满，两人签, 让司机自己填]",
            "answer": "B",
            "why": "签了名，上面的数就算您点的。",
        }
    )


def _case() -> Draft:
    return Draft(
        {"id": "CASE-RECV-101", "type": "case"}
        | COMMON
        | {
            "title": "签在前头的一张空单",
            "truth": "composite",
            "year": '""',
            "place": '""',
            "unit_kind": "一所高校的食堂",
            "amount_text": '""',
            "method": "先签字，后填数",
            "outcome": "师傅调岗",
            "stop_point": "先过秤，写满，两个人签",
            "two_questions": "[我们收货，谁和谁一起签？, 有人催您先签，您怎么说？]",
        },
        SCENE,
        {"语音稿": "讲一个编写的事。空单先签了名，后来数对不上。"},
    )


def _faq() -> Draft:
    return Draft(
        {"id": "FAQ-GIFT-OFFER", "type": "faq"}
        | COMMON
        | {
            "title": "有人送烟送卡，怎么办",
            "posts": "[ALL]",
            "topic": "gift-offer",
            "must_say": "[不收, 当面退, 登记, 班长|纪检]",
            "must_not_say": "[没事]",
            "handoff": "班长",
        },
        "不收，当面退。您就说：“心意领了，东西请拿回去。”\n"
        "退不掉的，当天交给班长。写上谁、哪天、什么东西，拍照登记。\n"
        "他再来缠，点“我想问问”，接着问。别自己先用了。",
    )


def _reminder() -> Draft:
    return Draft(
        {"id": "RMD-BUY-MIDAUTUMN-10A", "type": "reminder"}
        | COMMON
        | {
            "title": "离中秋10天，记三句话",
            "posts": "[ALL]",
            "topic": "festival-benefit",
            "node": "mid-autumn",
            "offset_days": "-10",
            "replaces_weekly": "true",
            "rotate_group": "A",
        },
        "管买、管收、管库的师傅：送月饼、送卡、送烟酒的要来了。\n不收：当面退，别等节后。\n"
        "不吃：供货的请客，不去。\n退不掉：当天交班长，拍照登记。",
    )


def _card() -> Draft:
    return Draft(
        {"id": "POL-RECV-001", "type": "policy"}
        | COMMON
        | {
            "title": "收货的三种颜色",
            "posts": "[ALL]",
            "kind": "card",
            "issuer": "后勤（由学校填写）",
            "doc_no": '""',
            "one_line": "哪些不能做，哪些先问，哪些放心做",
            "what_changes_for": "{RECV: 两个人一起签}",
        },
        "红：空白单子上签名。\n黄：秤不准，先停一停，找人来看。\n绿：过秤写满，两个人签，拍照。",
    )


def _story() -> Draft:
    return Draft(
        {"id": "STORY-RECV-001", "type": "story"}
        | COMMON
        | {"title": "退回去的三筐鸡蛋", "truth": "composite", "do": "当面退，写在单子上"},
        SCENE,
        {"语音稿": "讲一个编写的好事。三筐鸡蛋不对，当面退了。"},
    )


DRAFTS: dict[str, Callable[[], Draft]] = {
    "lesson": _lesson,
    "quiz": _quiz,
    "case": _case,
    "faq": _faq,
    "reminder": _reminder,
    "card": _card,
    "story": _story,
}


@pytest.fixture
def drafts() -> dict[str, Draft]:
    """One good draft of each kind, by name."""
    return {name: make() for name, make in DRAFTS.items()}


@pytest.fixture
def lesson() -> Draft:
    return _lesson()


@pytest.fixture
def case() -> Draft:
    return _case()


@pytest.fixture
def quiz() -> Callable[[str], Draft]:
    return _quiz


@pytest.fixture
def law() -> str:
    return LAW


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, Draft], Path]:
    """Writes a draft below the content directory and gives the directory back."""

    def write(file: str, draft: Draft) -> Path:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draft.text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def school(put: Callable[[str, Draft], Path]) -> Path:
    """A directory with one lesson and its three questions."""
    put("lessons/LSN-RECV-001.md", _lesson())
    for letter in "ABC":
        put(f"quizzes/QUIZ-RECV-001{letter}.md", _quiz(letter))
    return put("cases/CASE-RECV-101.md", _case())


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The repository's own content."""
    return Path(__file__).parents[2] / "content"
