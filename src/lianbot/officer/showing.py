"""How cases look on the command line: one line each, in full, or as JSON; never with mailbox keys."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date

from rich.markup import escape
from rich.table import Table

from lianbot.officer.casework import NAMES, Case, deadlines
from lianbot.officer.papers import CATEGORIES, KINDS

MAILBOX_KEYS = {"ko", "kb", "rpk"}


def record_of(case: Case, today: date) -> dict[str, object]:
    """A case as JSON with its deadlines."""
    record = {name: value for name, value in asdict(case).items() if name not in MAILBOX_KEYS}
    due = [
        {"what": one.what, "due": one.due.isoformat(), "late": one.late}
        for one in deadlines(case, today)
    ]
    return {**record, "deadlines": due}


def lines_of(case: Case, watermark: str) -> Iterator[str]:
    """A case in full, with who looked and when."""
    category = CATEGORIES.get(case.category, "别的")
    yield f"── {case.id} · {NAMES[case.state]} · {category} · {_plain(case.place)}"
    yield f"   水印：{watermark}"
    for letter in case.letters:
        photos = f"（照片 {len(letter.photos)} 张）" if letter.photos else ""
        yield f"   [{letter.day}] {KINDS.get(letter.kind, '来件')}：{_plain(letter.text)}{photos}"
    for one in case.replies:
        yield f"   回音 {one.number + 1}（{one.week or '等下一个周包'}）：{_plain(one.text)}"


def table_of(cases: Iterable[Case], today: date) -> Table:
    """The case list with the soonest deadline of each."""
    table = Table("编号", "来件日", "类别", "状态", "最近期限")
    for case in cases:
        due = next(iter(deadlines(case, today)), None)
        soonest = "" if due is None else f"{due.due} {due.what}{'（超期）' if due.late else ''}"
        category = CATEGORIES.get(case.category, "别的")
        table.add_row(case.id, escape(case.letters[0].day), category, NAMES[case.state], soonest)
    return table


def _plain(text: str) -> str:
    """A stranger's text may not steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
