"""What may be said about the door's health: days and weeks, never how many letters came."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from lianbot.door.board import PackShelf
from lianbot.door.clock import Clock, school_day
from lianbot.door.keeper import read_list
from lianbot.door.process import last_flush
from lianbot.sealing.packs import NOTHING_FETCHED
from lianbot.sealing.recipients import Recipients
from lianbot.sealing.weeks import epoch_of, monday_of, quarter_name, week_of, weeks_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`rows` counts dummies too and is public in out/intake.json."""

    flushed: str
    week: str
    rows: int
    fingerprint: str
    quarter: str
    fetched: dict[str, str]
    problems: tuple[str, ...]

    def record(self) -> dict[str, object]:
        """For --json."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For people."""
        fetched = "，".join(f"{office} 到 {week}" for office, week in self.fetched.items())
        return [
            f"上次混合：{self.flushed}（{self.week}），库中 {self.rows} 行（含假信）",
            f"收信人名单指纹：{self.fingerprint}，钥匙季度 {self.quarter}",
            f"已取走：{fetched or '还没有人取过'}",
            *(f"问题：{problem}" for problem in self.problems),
        ]


def look(folder: Path, clock: Clock) -> Status:
    """Read DOOR_DIR without changing it; RecipientsError or OSError when there is no door yet."""
    _, recipients = read_list(folder)
    intake = json.loads((folder / "out" / "intake.json").read_text(encoding="utf-8"))
    today, flushed = school_day(clock), last_flush(folder)
    fetched = _fetched(folder)
    epoch = recipients.epoch_on(today)
    problems = (
        *_late_flush(flushed, today),
        *_missing_attestations(recipients, fetched, today),
        *_old_keys(epoch, today),
        *_ignored_packs(folder, recipients, today),
    )
    return Status(
        flushed=flushed.isoformat(),
        week=intake["week"],
        rows=intake["size"],
        fingerprint=recipients.fingerprint,
        quarter=quarter_name(epoch),
        fetched=fetched,
        problems=problems,
    )


def _fetched(folder: Path) -> dict[str, str]:
    path = folder / "fetched.json"
    kept = json.loads(path.read_text(encoding="ascii")) if path.exists() else {}
    return {office: week for office, week in kept.items() if week != NOTHING_FETCHED}


def _late_flush(flushed: date, today: date) -> list[str]:
    if today - flushed <= timedelta(days=1):
        return []
    return [f"已经 {(today - flushed).days} 天没有混合；检查意见箱进程和磁盘空间"]


def _missing_attestations(
    recipients: Recipients, fetched: dict[str, str], today: date
) -> list[str]:
    """An attestation more than a week late goes to the superior; nobody is late for weeks before the list."""
    wanted = weeks_before(week_of(today), 2)
    if monday_of(wanted) < recipients.day:
        return []
    return [
        f"{office.name} 没有声明取到 {wanted} 周；请报告上级"
        for office in recipients.offices
        if fetched.get(office.id, NOTHING_FETCHED) < wanted
    ]


def _ignored_packs(folder: Path, recipients: Recipients, today: date) -> list[str]:
    """What the flush passes over without a word, the officer has to hear from somewhere."""
    shelf = PackShelf(folder=folder / "in", recipients=recipients)
    return [
        f"周包 in/{name} 没有用上：不完整、不是名单上的办公室签的，或者写的是以后的周；请重新做一个，再删掉它"
        for name in shelf.ignored(week_of(today))
    ]


def _old_keys(epoch: int, today: date) -> list[str]:
    if epoch >= epoch_of(today):
        return []
    return [f"本季度没有新钥匙，还在用 {quarter_name(epoch)}；请各办公室生成并重新签名单"]
