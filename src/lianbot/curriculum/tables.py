"""The tables beside the items: posts, topics, risks, laws, menu; strict, with file and line."""

import re
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path
from typing import Any, Final, TypeVar

from lianbot.curriculum.advice import advise
from lianbot.curriculum.fields import Fields
from lianbot.curriculum.findings import ContentError, Finding
from lianbot.curriculum.plain import characters
from lianbot.curriculum.records import (
    Law,
    MenuItem,
    RiskEntry,
    TopicEntry,
)
from lianbot.curriculum.source import decode, read_mapping
from lianbot.domain.codes import Post, Risk, Topic
from lianbot.domain.people import PreferredTime
from lianbot.domain.posts import DayWindow, PostProfile, Shift, Wishes

T = TypeVar("T")

_WINDOW: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
BUTTON_MOST: Final = 10
POST_TOPICS: Final = 6
MENU_TOP, MENU_SUB = 3, 5
MENU_TOP_NAME, MENU_SUB_NAME = 4, 8
"""Names longer than this are cut in the account's menu [S13]."""


class Table:
    """One YAML file: its fields, and the findings that gather while it is read."""

    def __init__(self, path: Path, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.fields = Fields({}, {}, file)
        try:
            text = decode(path.read_bytes(), file)
        except FileNotFoundError:
            self.findings.append(
                advise("table", file, 1, detail="没有这个文件", expected=f"建 {file}")
            )
            return
        except OSError as error:
            self.findings.append(advise("no-file", file, 1, detail=error.strerror))
            return
        mapping = read_mapping(text, file) if isinstance(text, str) else [text]
        if isinstance(mapping, list):
            self.findings += mapping
        else:
            self.fields = Fields(*mapping, file)

    def report(self, line: int, detail: str, mend: str) -> None:
        self.findings.append(advise("table", self.file, line, detail=detail, expected=mend))

    def each(self, name: str) -> list[tuple[str, Fields]]:
        """(key, reader) of a mapping of mappings."""
        return [(key, self._inner(name, key, value)) for key, value in self._mapping(name).items()]

    def _mapping(self, name: str) -> Mapping[str, Any]:
        return {} if self.findings else self.fields.mapping(name)

    def rows(self, name: str) -> list[Fields]:
        """Readers of a list of mappings."""
        if self.findings:
            return []
        return [self._inner(name, "", row) for row in self.fields.mappings(name)]

    def _inner(self, name: str, key: str, value: Any) -> Fields:
        if isinstance(value, dict):
            return self.fields.inner(name, value)
        self.report(self.fields.line(name), f"{key} 不是“名字: 值”的样子", "照 docs/content.md 写")
        return self.fields.inner(name, {})

    def done(self, *readers: Fields) -> None:
        """Closes readers and takes their findings."""
        for reader in readers:
            reader.close()
            self.findings += reader.findings

    def finish(self) -> list[Finding]:
        if not self.findings:
            self.done(self.fields)
        return self.findings


def loaded(read: Callable[[Path], tuple[T, list[Finding]]], directory: Path) -> T:
    """The table, or ContentError with everything that is wrong with it."""
    table, findings = read(directory)
    if findings:
        raise ContentError(findings)
    return table


def _all_there(table: Table, name: str, found: set[str], codes: type[Post | Risk | Topic]) -> None:
    missing = [code for code in codes if code not in found]
    if missing and not table.findings:
        table.findings.append(
            advise("table-codes", table.file, 1, field=name, value="、".join(missing))
        )


def read_posts(directory: Path) -> tuple[tuple[PostProfile, ...], list[Finding]]:
    table = Table(directory / "posts.yaml", "posts.yaml")
    found = []
    wishes = _wishes(table)
    for key, fields in table.each("posts"):
        if key not in set(Post):
            table.report(fields.line(""), f"岗位 {key} 不在代码表里", "用岗位代码")
            continue
        topics = fields.codes("topics", Topic)
        if len(topics) != POST_TOPICS:
            table.report(fields.line(""), f"{key} 有 {len(topics)} 个主题", "正好 6 个，一屏按钮")
        found.append(
            PostProfile(
                code=Post(key),
                name=fields.text("name"),
                short=fields.text("short"),
                aliases=fields.texts("aliases"),
                send=_windows(table, key, fields, "send"),
                never=_windows(table, key, fields, "never"),
                topics=topics,
                shifts=_shifts(table, key, fields),
                wishes=wishes,
            )
        )
        table.done(fields)
        _outside_never(table, fields, found[-1])
    _aliases_once(table, found)
    _all_there(table, "posts", {str(one.code) for one in found}, Post)
    return tuple(found), table.finish()


def _shifts(table: Table, post: str, fields: Fields) -> tuple[Shift, ...]:
    """班次: words of the roster or the hour at which it begins → when its people can read."""
    found = []
    for row in fields.mappings("shifts", needed=False):
        inner = fields.inner("shifts", row)
        found.append(
            Shift(
                words=inner.texts("words", needed=False),
                starts=_windows(table, post, inner, "starts", needed=False),
                send=_windows(table, post, inner, "send"),
            )
        )
        table.done(inner)
    words = [word for one in found for word in one.words]
    if len(words) > len(set(words)):
        table.report(fields.line("shifts"), f"{post} 的两个班次有同一个说法", "只留一处")
    return tuple(found)


def _wishes(table: Table) -> Wishes:
    """何时方便: the part of a day for each choice."""
    if table.findings or not table.fields.has("preferred"):
        return ()
    values = table.fields.mapping("preferred", needed=False)
    inner = table.fields.inner("preferred", values)
    chosen = (PreferredTime.BEFORE_SHIFT, PreferredTime.NOON, PreferredTime.AFTER_SHIFT)
    found = tuple((one, _windows(table, "preferred", inner, one.value)) for one in chosen)
    table.done(inner)
    return found


def _outside_never(table: Table, fields: Fields, profile: PostProfile) -> None:
    """A shift may be read to at another time than its post, but never in a never-window."""
    for shift in profile.shifts:
        for window in shift.send:
            if any(
                one.contains(window.start) or window.contains(one.start) for one in profile.never
            ):
                table.report(
                    fields.line("shifts"),
                    f"{profile.code} 的班次 {window.start:%H:%M}-{window.end:%H:%M} 碰到 never",
                    "改到 never 以外",
                )


def _windows(
    table: Table, post: str, fields: Fields, name: str, *, needed: bool = True
) -> tuple[DayWindow, ...]:
    found = []
    for text in fields.texts(name, needed=needed):
        match = _WINDOW.fullmatch(text)
        if match is None or (match.group(3) == "24" and match.group(4) != "00"):
            table.report(
                fields.line(name), f"{post} 的 {name}：{text} 不是时间段", '写成 "14:00-15:50"'
            )
            continue
        start, end = time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4]))
        found.append(DayWindow(start=start, end=end))
    return tuple(found)


def _aliases_once(table: Table, posts: list[PostProfile]) -> None:
    """A word in a roster means one post."""
    owner: dict[str, Post] = {}
    for post in posts:
        for alias in post.aliases:
            if owner.setdefault(alias, post.code) is not post.code:
                table.report(1, f"别名“{alias}”同时在 {owner[alias]} 和 {post.code}", "只留一处")


def read_topics(directory: Path) -> tuple[tuple[TopicEntry, ...], list[Finding]]:
    table = Table(directory / "topics.yaml", "topics.yaml")
    found = []
    for fields in table.rows("topics"):
        entry = TopicEntry(
            id=fields.choice("id", Topic, Topic.FALLBACK),
            name=fields.text("name"),
            button=fields.text("button"),
        )
        if characters(entry.button) > BUTTON_MOST:
            table.report(fields.line(""), f"按钮“{entry.button}”太长", "不超过 10 个字")
        found.append(entry)
        table.done(fields)
    _all_there(table, "topics", {str(one.id) for one in found}, Topic)
    return tuple(found), table.finish()


def read_risks(directory: Path) -> tuple[tuple[RiskEntry, ...], list[Finding]]:
    table = Table(directory / "risks.yaml", "risks.yaml")
    found = []
    for fields in table.rows("risks"):
        found.append(
            RiskEntry(
                code=fields.choice("code", Risk, Risk.G1),
                name=fields.text("name"),
                rule=fields.text("rule"),
            )
        )
        table.done(fields)
    _all_there(table, "risks", {str(one.code) for one in found}, Risk)
    return tuple(found), table.finish()


def read_laws(directory: Path) -> tuple[tuple[Law, ...], list[Finding]]:
    table = Table(directory / "laws.yaml", "laws.yaml")
    found = []
    for fields in table.rows("laws"):
        found.append(
            Law(
                name=fields.text("name"),
                aliases=fields.texts("aliases", needed=False),
                edition=fields.day("edition"),
                articles=fields.texts("articles"),
                source=fields.text("source"),
            )
        )
        table.done(fields)
    return tuple(found), table.finish()


def read_menu(directory: Path) -> tuple[tuple[MenuItem, ...], list[Finding]]:
    table = Table(directory / "menu.yaml", "menu.yaml")
    found = []
    rows = table.rows("menu")
    if len(rows) > MENU_TOP:
        table.report(1, f"菜单有 {len(rows)} 个大类", "最多 3 个")
    for fields in rows:
        name = fields.text("name")
        inner = [fields.inner("items", row) for row in fields.mappings("items")]
        children = tuple(_entry(table, one) for one in inner)
        if characters(name) > MENU_TOP_NAME or not 1 <= len(children) <= MENU_SUB:
            table.report(fields.line(""), f"菜单“{name}”", "名字不超过 4 个字，下面 1 到 5 项")
        found.append(MenuItem(name=name, key=None, page=None, children=children))
        table.done(fields)
    return tuple(found), table.finish()


def _entry(table: Table, fields: Fields) -> MenuItem:
    entry = MenuItem(
        name=fields.text("name"),
        key=fields.text_or_null("key", needed=False),
        page=fields.text_or_null("page", needed=False),
    )
    if characters(entry.name) > MENU_SUB_NAME:
        table.report(fields.line(""), f"菜单项“{entry.name}”太长", "不超过 8 个字")
    if (entry.key is None) == (entry.page is None) or entry.page not in {None, "front"}:
        table.report(
            fields.line(""), f"菜单项“{entry.name}”", "写 key，或者 page: front，只写一个"
        )
    topic = (entry.key or "").partition("topic:")[2]
    if topic and topic not in set(Topic):
        table.report(fields.line(""), f"菜单项“{entry.name}”的主题不存在", "用主题编号")
    table.done(fields)
    return entry
