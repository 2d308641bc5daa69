"""A content folder that is right in every way and small: three lessons, their questions, one answer a topic."""

import json
from pathlib import Path

from lianbot.domain.codes import Post, Risk, Topic
from lianbot.understanding.intents import UrgentKind

WINDOWS = {"send": ["14:00-15:50"], "never": ["10:00-13:15", "16:20-19:15", "19:30-07:00"]}
"""The cook's, for every post: the clock of the tests starts inside."""

LESSONS = {
    "COOK": [Post.COOK, Post.SELL, Post.CLEAN, Post.DORM, Post.WASTE],
    "RECV": [Post.RECV, Post.STORE, Post.BUY, Post.LEAD, Post.CLERK],
    "GUARD": [Post.GUARD, Post.DRIVER, Post.GREEN, Post.REPAIR, Post.FEE],
}

BODY = """早上五点半，菜车到了。司机说：“先签字，数我回去填。”
这个字不能签。单子空着，他填多少，都算您点的。
记住三步：
1. 先过秤，再看日期和票。
2. 数字写满，空格划掉。
3. 两个人一起签，拍照留底。
有人催，您就说：“规定两个人验，我一个人签不了。”
还逼您签？点“我想问问”，可以不写名字。"""

COMMON = {
    "levels": "[L4, L5, L6]",
    "risks": "[G4, G5]",
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


def write_content(root: Path) -> Path:
    """Writes the folder below `root` and gives it back."""
    _tables(root)
    _understanding(root / "understanding")
    for name, posts in LESSONS.items():
        _lesson(root, name, posts)
    for topic in Topic:
        _answer(root, topic)
    return root


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _yaml(path: Path, value: object) -> None:
    # every JSON document is a YAML document
    _put(path, json.dumps(value, ensure_ascii=False, indent=1))


def _tables(root: Path) -> None:
    six = [topic.value for topic in Topic][:6]
    _yaml(
        root / "posts.yaml",
        {
            "posts": {
                post.value: {
                    "name": f"岗位{post.value}",
                    "short": f"{post.value}岗",
                    "aliases": [f"{post.value}工"],
                    "topics": six,
                    **WINDOWS,
                }
                for post in Post
            }
        },
    )
    _yaml(
        root / "topics.yaml",
        {
            "topics": [
                {"id": topic.value, "name": f"主题{number}", "button": f"问题{number}"}
                for number, topic in enumerate(Topic, start=1)
            ]
        },
    )
    _yaml(
        root / "risks.yaml",
        {"risks": [{"code": one.value, "name": one.value, "rule": "规定"} for one in Risk]},
    )
    _yaml(root / "laws.yaml", {"laws": []})
    _yaml(root / "menu.yaml", {"menu": [{"name": "问一问", "items": [_MENU_ITEM]}]})
    _yaml(root / "calendar.yaml", {"nodes": [], "days": {}, "years": {}})
    _yaml(
        root / "courses" / "COOK.yaml",
        {
            "name": "厨师课",
            "post": "COOK",
            "levels": ["L5", "L6"],
            "shelf": ["LSN-COOK-001"],
            "quiet": [],
        },
    )


_MENU_ITEM = {"name": "我想问问", "key": "help"}


def _lesson(root: Path, name: str, posts: list[Post]) -> None:
    codes = f"[{', '.join(posts)}]"
    variants = [f"QUIZ-{name}-001{letter}" for letter in "ABC"]
    fields = COMMON | {
        "id": f"LSN-{name}-001",
        "type": "lesson",
        "title": "空白单子，一笔都不签",
        "posts": codes,
        "topic": "blank-sign",
        "moment": "早上第一车菜到之前",
        "do": "过秤，写满，两个人签",
        "dont": "空白单子上签名",
        "quiz": f"[{', '.join(variants)}]",
    }
    tail = {
        "语音稿": "师傅好。空白单子不能签。先过秤，写满，两个人一起签。",
        "画面": "一张空单子。",
    }
    _item(root / "lessons" / f"LSN-{name}-001.md", fields, BODY, tail)
    for letter, quiz in zip("ABC", variants, strict=True):
        fields = COMMON | {
            "id": quiz,
            "type": "quiz",
            "title": "司机急着走",
            "posts": codes,
            "topic": "blank-sign",
            "variant_of": f"LSN-{name}-001",
            "stem": f"司机急着走，让您先签{letter}单。您怎么办？",
            "options": "[先签，回头再补, 过秤写满，两人签, 让司机自己填]",
            "answer": "B",
            "why": "签了名，上面的数就算您点的。",
        }
        _item(root / "quizzes" / f"{quiz}.md", fields, "", {})


def _answer(root: Path, topic: Topic) -> None:
    fields = COMMON | {
        "id": f"FAQ-{topic.value.upper()}",
        "type": "faq",
        "title": "有人送烟送卡，怎么办",
        "posts": "[ALL]",
        "topic": topic.value,
        "must_say": "[不收, 当面退]",
        "must_not_say": "[没事]",
        "handoff": "班长",
    }
    body = (
        "不收，当面退。您就说：“心意领了，东西请拿回去。”\n退不掉的，当天交给班长。\n"
        "写上谁、哪天、什么东西，拍照登记。他再来缠，点“我想问问”，接着问。"
    )
    if topic is Topic.URGENT:
        body = "急事先打电话：着火119，受伤120，打架110。" + body
    _item(root / "faq" / f"FAQ-{topic.value}.md", fields, body, {})


def _item(path: Path, fields: dict[str, str], body: str, tail: dict[str, str]) -> None:
    front = "\n".join(f"{name}: {value}" for name, value in fields.items())
    sections = "".join(f"\n## {name}\n{text}\n" for name, text in tail.items())
    _put(path, f"---\n{front}\n---\n{body}\n{sections}")


def _understanding(folder: Path) -> None:
    _put(folder / "questions.txt", "[gift-offer]\n供货商塞了两条烟咋办\n有人送烟\n")
    _put(folder / "off-topic.txt", "明天下雨不\n")
    _yaml(folder / "concepts.yaml", {"礼": ["烟", "酒"]})
    _yaml(folder / "hearing.yaml", {"mishearings": {}, "dialect": {}, "sounds": []})
    _yaml(folder / "urgent.yaml", [{"kind": "fire", "any": ["着火"]}])
    _yaml(folder / "words.yaml", WORDS)
    _yaml(folder / "screens.yaml", SCREENS)


WORDS: dict[str, object] = {
    "acknowledge": ["懂了", "收到"],
    "not_understood": ["没看懂"],
    "disagree": ["不同意"],
    "cannot": ["做不到"],
    "ask_someone": ["找人讲"],
    "help": ["帮助"],
    "change": {"post": ["换岗"], "phone": ["换号"], "leave": ["离职"]},
    "concern": {"举报": "how-report"},
    "openers": [],
    "follow_ups": [],
}

SCREENS: dict[str, object] = {
    "help": "您可以点下面的字，也可以打字问。比如：{examples}。",
    "choose": "您是想问哪一个？",
    "choose_reply": "回：{labels}",
    "not_this": "不是问这个？回：{labels}",
    "fallback_examples": "也可以这样问：{examples}",
    "not_text": "语音、图片我听不懂看不懂。",
    "ask_someone": "好，记下了。",
    "ask_someone_label": "找人讲",
    "nothing_open": "现在没有等您回的课。",
    "concern": "可以在这里说：{door}。",
    "concern_wage": "先打12333。可以在这里说：{door}。",
    "hand_over": "交给老师：{ask}",
    "concern_without_door": "可以投纸条箱，也可以打12388、12333、12315、110。",
    "concern_line": "想不写名字说：{door}。",
    "visible_line": "后台看得到您打的字：{door}",
    "visible_line_without_door": "后台看得到您打的字。",
    "clause": "依据：{clauses}。答案第{version}版。",
    "not_approved": "还没审完。{handoff}。",
    "examples": {"ALL": ["有人送烟咋办"]},
    "urgent_first": dict.fromkeys(UrgentKind, "先打119、120、110！"),
    "visible_topics": [],
    "usual_topics": ["gift-offer", "blank-sign"],
}
