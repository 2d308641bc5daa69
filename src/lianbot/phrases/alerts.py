"""Alerts about pushes: under way, or missed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Campaign, Course

HALTED_KIND = "halted"
HALTED = "已经放出 {let_go} 人，平台拒收或不明的有 {failed} 份，超过 {percent}%，推送已自动暂停"


def halted(occurrence_id: UUID) -> str:
    """One alert a push: repeats are counted, another push has its own."""
    return f"{HALTED_KIND}:{occurrence_id.hex[:30]}"


MISSED_KIND = "missed"
FEW_KIND = "few"
NAMED = 3
"""So many moments are written out; of the others their number says enough."""


def missed(title: str) -> str:
    return f"{MISSED_KIND}:{title}"


def few(title: str) -> str:
    return f"{FEW_KIND}:{title}"


def missed_moments(campaign: Campaign, moments: Sequence[datetime]) -> str:
    """What was due while nothing ran, and the mend."""
    named = "、".join(f"{local(at):%Y-%m-%d %H:%M}" for at in moments[-NAMED:])
    more = f" 等 {len(moments)} 次" if len(moments) > NAMED else ""
    mend = (
        "课程下一次接着往下讲，不用补"
        if isinstance(campaign.schedule, Course)
        else "还要讲就另写一份“一次”的推送（lianbot campaign create --at）"
    )
    return (
        f"{campaign.title}：{named}{more} 到点时没有在跑（程序停着，或计划暂停着），"
        f"过后太晚，没有发；{mend}"
    )
