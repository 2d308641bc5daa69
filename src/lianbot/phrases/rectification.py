"""Texts of the rectification ledger, of proposals for lessons and of the officer's files."""

from lianbot.domain.rectification import ProposalKind, RectificationSource, RectificationState

STATES: dict[RectificationState, str] = {
    RectificationState.DRAFT: "待定人定时间",
    RectificationState.OPEN: "整改中",
    RectificationState.DONE: "等验收",
    RectificationState.CLOSED: "已销号",
    RectificationState.DROPPED: "不立项",
}
TAGS: dict[RectificationState, str] = {
    RectificationState.DRAFT: "draft",
    RectificationState.OPEN: "planned",
    RectificationState.DONE: "awaiting",
    RectificationState.CLOSED: "approved",
    RectificationState.DROPPED: "left",
}
"""Which of the console's colours a state has."""

SOURCES: dict[RectificationSource, str] = {
    RectificationSource.WORKERS: "员工说做不到或不同意",
    RectificationSource.CASE: "以案促改",
    RectificationSource.OFFICER: "纪检委员提出",
    RectificationSource.INSPECTION: "检查发现",
    RectificationSource.MEETING: "会议定的事",
}
ACTS: dict[str, str] = {
    "raised": "提出",
    "charged": "定人定时间",
    "done": "报完成",
    "closed": "验收销号",
    "returned": "退回再改",
    "reopened": "重开",
    "dropped": "不立项",
}
SHOW = {"open": "没办完的", "mine": "我负责的", "late": "超期的", "all": "全部"}
HEAD = (
    "编号",
    "问题",
    "怎么改",
    "来源",
    "单位",
    "责任人",
    "期限",
    "状态",
    "超期",
    "怎么改的",
    "验收人",
    "提出日期",
    "销号日期",
    "重开次数",
)
CAPTION = "整改台账：写的是事，不是人。不作工资、罚款、考勤、辞退依据。"
DAY_UNREADABLE = "请写成日期，例如 2026-12-20"
NO_OWNER = "请选一个没有停用的账号"

KINDS: dict[ProposalKind, str] = {
    ProposalKind.QUESTION: "员工的问题",
    ProposalKind.LESSON: "课的建议",
}
FORGOTTEN = "（内容已到期清除）"

FLOORS = {
    "alike": "来自意见箱：同类满 3 件",
    "old": "来自意见箱：最早一件满 60 天",
    "own": "不来自意见箱，自己看到的",
}
TAKEN = "不在这里：门还没有做出来，或者还没到过凌晨"
UPLOADED = {"pack": "周包", "attest": "取信签字"}
NO_SHELF = "意见箱的文件夹没有设（LIANBOT_DOOR_DIR），请系统管理员设好再来"
NO_SUCH_KIND = "认不出这个文件：要周包（.pack）、officer attest 那一行，或建议文件。什么也没有收下"
NO_PHOTOS = "这一周的照片文件不在（没到那一周，或者已经按期清掉）"
