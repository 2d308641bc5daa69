"""Schedules of the year and of the person in words, for console and command line."""

from datetime import time

from lianbot.domain.campaigns import Festival, Milestone, Review, Since

MILESTONES: dict[Milestone, str] = {
    Milestone.START: "入职",
    Milestone.BINDING: "绑定",
    Milestone.POST_CHANGE: "换岗",
}


def schedule_words(schedule: Festival | Since | Review, name: str = "") -> str:
    """`name` is the node's name where it is known."""
    match schedule:
        case Festival():
            side = "前" if schedule.offset < 0 else "后"
            days = "个工作日" if schedule.working else "天"
            return f"每年 {name or schedule.node} {side} {abs(schedule.offset)} {days} {_at(schedule.clock)}"
        case Since():
            after = "、".join(str(day) for day in schedule.days)
            return f"{MILESTONES[schedule.event]}后第 {after} 天 {_at(schedule.clock)}"
        case Review():
            return f"复习：谁到期问谁，每天 {_at(schedule.clock)} 看一遍"


def _at(clock: time) -> str:
    return clock.isoformat(timespec="minutes")
