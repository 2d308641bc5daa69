"""Names of figures. P1: accepted is what the platform said; nobody is said to have read anything."""

MEASURES = (
    "total",
    "accepted",
    "skipped",
    "deferred",
    "refused",
    "unknown",
    "opened",
    "understood",
    "not_understood",
    "disagree",
    "cannot",
    "ask_someone",
    "spoken",
)
NAMES: dict[str, str] = {
    "total": "计划",
    "planned": "待交",
    "handing_over": "正在交",
    "accepted": "平台已接受",
    "skipped": "没发",
    "deferred": "延后",
    "refused": "平台没收",
    "unknown": "不明",
    "platform_failed": "平台事后退回",
    "opened": "打开过页面",
    "understood": "懂了",
    "not_understood": "没看懂",
    "disagree": "不同意",
    "cannot": "做不到",
    "ask_someone": "找人讲",
    "spoken": "当面念过",
    "first_asked": "第一次就答",
    "first_right": "第一次答对",
}
HEAD = ("名称", *(NAMES[measure] for measure in MEASURES))
CAPTION = "只说明单位告知过，不作工资、罚款、考勤、辞退依据。“平台已接受”不等于看过。"
