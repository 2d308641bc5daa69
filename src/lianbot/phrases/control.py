"""Words about a push under way: stages, additions, corrections, recalls and decisions."""

from lianbot.domain.amendments import Amendment, AmendmentState, RecallState
from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.rollouts import Rollout

AMENDMENT_STATES: dict[AmendmentState, str] = {
    AmendmentState.ASKED: "等另一位审核人批",
    AmendmentState.APPROVED: "已批，自动排出",
    AmendmentState.DECLINED: "没有批",
}

RECALL_STATES: dict[RecallState, str] = {
    RecallState.ASKED: "等着去撤",
    RecallState.TRYING: "正在撤",
    RecallState.RECALLED: "平台说撤回了",
    RecallState.REFUSED: "平台不肯撤",
    RecallState.UNKNOWN: "不明：没有回音",
    RecallState.TOO_LATE: "过了 24 小时，撤不了",
    RecallState.IMPOSSIBLE: "这个渠道撤不了",
}
RECALL_LIMIT = "撤回只管企业微信客户端里的那份；在普通微信里看到的撤不回来，人看没看过也不知道。"
MAY_DOUBLE = "重发的人里，有的可能已经收到过一次，会收到两条；这会记在审计里。"
AGAIN = "重发"
LEAVE = "就这样，不再发"


def rollout_words(rollout: Rollout) -> str:
    """Where a push in stages stands."""
    if rollout.last:
        return f"{rollout.total} 人都已放出"
    if not rollout.let_go:
        return f"第一批还没放出，一共 {rollout.total} 人"
    return f"第 {rollout.stage} 批，已放出 {rollout.let_go} 人，还有 {rollout.total - rollout.let_go} 人等前面顺利再发"


def asked_words(amendment: Amendment) -> str:
    """What was asked for, and what happens next."""
    what = "更正" if amendment.kind is OccurrenceKind.CORRECTION else "补"
    if amendment.state is AmendmentState.APPROVED:
        return f"{what} {amendment.size} 人：已记下，马上自动排出"
    return f"{what} {amendment.size} 人：已写好，等另一位审核人来批：{amendment.id}"
