"""Words about a push under way: stages, additions, corrections, recalls and decisions."""

from lianbot.domain.amendments import Amendment, AmendmentState, Choice, RecallState, Standing
from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.rollouts import Caution, Rollout

AMENDMENT_STATES: dict[AmendmentState, str] = {
    AmendmentState.ASKED: "等另一位审核人批",
    AmendmentState.APPROVED: "已批，自动排出",
    AmendmentState.DECLINED: "没有批",
}

OWN_CHANGE = "这份是您写的，请另一位审核人来批"
SIGNED_CHANGE = "您已经批过，等下一位审核人"


def waiting_words(amendment: Amendment) -> str:
    """Who still has to say yes; everything else by its state."""
    if amendment.missing and amendment.steps > 1:
        done = len(amendment.approvals)
        return f"已批 {done}/{amendment.steps}，还差 {amendment.missing} 位审核人"
    return AMENDMENT_STATES[amendment.state]


RECALL_STATES: dict[RecallState, str] = {
    RecallState.ASKED: "等着去撤",
    RecallState.TRYING: "正在撤",
    RecallState.RECALLED: "平台说撤回了",
    RecallState.REFUSED: "平台不肯撤",
    RecallState.UNKNOWN: "不明：没有回音",
    RecallState.TOO_LATE: "过了 24 小时，撤不了",
    RecallState.IMPOSSIBLE: "这个渠道撤不了",
}
STANDINGS: dict[Standing, str] = {
    Standing.WAITING: "等人决定",
    Standing.FROZEN: "更正过、换了新版或过期了，不再发",
    Standing.BY_ITSELF: "还在自动核对",
    Standing.AGAIN: "已定重发",
    Standing.LEFT: "已定就这样",
}
RECALL_LIMIT = "撤回只管企业微信客户端里的那份；在普通微信里看到的撤不回来，人看没看过也不知道。"
MAY_DOUBLE = "重发的人里，有的可能已经收到过一次，会收到两条；这会记在审计里。"
AGAIN = "重发"
LEAVE = "就这样，不再发"
CHOICES: dict[Choice, tuple[str, str]] = {
    Choice.AGAIN: ("重发", "这个人可能已经收到过一次，会收到两条；这会记在审计里。确定重发吗？"),
    Choice.LEAVE: ("不再发", "就记作不明，不再发。确定吗？"),
}
"""The button beside one row, and what it asks first."""


def not_listed(count: int) -> str:
    return f"还有 {count} 份没有列出，--limit 写大一些，或在控制台按状态“不明”看"


def rollout_words(rollout: Rollout) -> str:
    """Where a push in stages stands."""
    if rollout.last:
        return f"{rollout.total} 人都已放出"
    if not rollout.let_go:
        return f"第一批还没放出，一共 {rollout.total} 人"
    return f"第 {rollout.stage} 批，已放出 {rollout.let_go} 人，还有 {rollout.total - rollout.let_go} 人等前面顺利再发"


def caution_words(caution: Caution) -> str:
    """What happens between two stages."""
    minutes = int(caution.rest.total_seconds() // 60)
    return (
        f"前一批顺利，过 {minutes} 分钟才发下一批；平台拒收和不明的超过放出的 {caution.bad_percent}%"
        "（并且不止 1 人），会自动暂停，等人来看。"
    )


def asked_words(amendment: Amendment) -> str:
    """What was asked for, and what happens next."""
    what = "更正" if amendment.kind is OccurrenceKind.CORRECTION else "补"
    return f"{what} {amendment.size} 人：{_next_words(amendment)}"


def _next_words(amendment: Amendment) -> str:
    match amendment.state:
        case AmendmentState.APPROVED:
            return "已记下，马上自动排出"
        case AmendmentState.ASKED if amendment.steps > 1:
            return f"{waiting_words(amendment)}：{amendment.id}"
        case AmendmentState.ASKED:
            return f"已写好，等另一位审核人来批：{amendment.id}"
        case AmendmentState.DECLINED:
            return "没有批，什么也不发"
