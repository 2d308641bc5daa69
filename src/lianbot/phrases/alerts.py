"""Alerts about a push under way."""

from uuid import UUID

HALTED_KIND = "halted"
HALTED = "已经放出 {let_go} 人，平台拒收或不明的有 {failed} 份，超过 {percent}%，推送已自动暂停"


def halted(occurrence_id: UUID) -> str:
    """One alert a push: repeats are counted, another push has its own."""
    return f"{HALTED_KIND}:{occurrence_id.hex[:30]}"
