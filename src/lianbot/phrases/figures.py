"""Names of figures. P1: accepted is what the platform said; nobody is said to have read anything."""

from collections.abc import Sequence

NAMES: dict[str, str] = {
    "total": "计划",
    "accepted": "平台已接受",
    "skipped": "没发",
    "deferred": "延后",
    "refused": "平台没收",
    "unknown": "不明",
    "opened": "打开过页面",
    "answered": "已回",
    "spoken": "当面念过",
    "understood": "懂了（含当面听过）",
    "not_understood": "没看懂",
    "disagree": "不同意",
    "cannot": "做不到",
    "ask_someone": "找人讲",
}
CAPTION = "只说明单位告知过，不作工资、罚款、考勤、辞退依据。“平台已接受”不等于看过。"
HIDDEN = "人太少，不显示"
NOT_YOURS = "分开的回答只给审核人和审计看：换一个账号，或者不写 --as"
NOT_TOGETHER = "--as 和 --campaign 不能一起用：两次的数一减，人少的班组就露出来了"


def head(measures: Sequence[str]) -> tuple[str, ...]:
    return ("名称", *(NAMES[measure] for measure in measures))
