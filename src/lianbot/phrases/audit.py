"""The audit in words: what was done, and what changed, as somebody reads it who knows no field of a database."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import CampaignState
from lianbot.domain.people import Role

ACTIONS: dict[str, str] = {
    "signin": "登录",
    "signin.demo": "演示切换角色",
    "signin.failed": "登录失败",
    "signout": "退出",
    "account.added": "新建账号",
    "account.password": "改密码",
    "account.totp": "动态码",
    "account.person": "账号收消息的人",
    "account.disabled": "停用或恢复账号",
    "content.approved": "审核内容",
    "campaign.created": "新建推送计划",
    "campaign.approved": "批准推送计划",
    "campaign.paused": "暂停推送",
    "campaign.resumed": "恢复推送",
    "campaign.stopped": "停止推送",
    "campaign.halted": "推送自动暂停",
    "push.stage": "放出一批",
    "addition.asked": "补人",
    "addition.approved": "批准补人",
    "addition.declined": "不批补人",
    "correction.asked": "写更正",
    "correction.approved": "批准更正",
    "correction.declined": "不批更正",
    "recall.asked": "撤回",
    "unknown.again": "决定重发不明的",
    "unknown.leave": "决定不明的就这样",
    "alert.closed": "处理提醒",
    "task.closed": "办结待办",
    "rectification.raised": "提出整改",
    "rectification.charged": "整改定人定时间",
    "rectification.done": "整改报完成",
    "rectification.closed": "整改销号",
    "rectification.returned": "整改退回",
    "rectification.reopened": "整改重开",
    "rectification.dropped": "整改不立项",
    "rectification.exported": "导出整改台账",
    "proposal.closed": "办结选题",
    "letters.taken": "取走信箱文件",
    "letters.put": "交上信箱文件",
    "team.names": "查看名字",
    "roster.exported": "导出花名册",
    "roster.client": "设定在哪儿读消息",
    "roster.viewed": "查看花名册",
    "stats.exported": "导出统计",
    "ledger.checkpoint": "签检查点",
    "ledger.exported": "导出确认账",
    "ledger.verified": "核验确认账",
    "switch.stop_all": "全部停下",
    "switch.resume_all": "恢复推送",
    "binding.bound": "绑定账号",
    "binding.ended": "解除绑定",
    "binding.refused": "不给绑定",
    "binding.slips": "打印绑定条",
    "binding.poster": "打印班组海报",
    "content.returned": "退回内容",
    "courses.proposed": "提交课程表",
    "courses.adopted": "采用课程表",
    "hours.quiet": "定不发的日子",
    "hours.not_quiet": "取消不发的日子",
    "hours.team": "定班组的时间",
    "menu.pushed": "更新公众号菜单",
    "roster.joined": "花名册加人",
    "roster.updated": "花名册改人",
    "roster.left": "花名册离职",
    "roster.post_words": "认岗位叫法",
    "term.created": "排一学期",
    "term.week_reopened": "重开一周",
}


FIELDS: Final[dict[str, str]] = {
    "state": "状态",
    "step": "第几级审批",
    "audience": "发给谁",
    "schedule": "什么时候",
    "items": "内容",
    "kind": "怎么排",
    "at": "时间",
    "on": "日期",
    "expression": "时间表",
    "shelf": "课程表",
    "shelves": "课程表",
    "node": "节点",
    "offset": "前后几天",
    "event": "从哪天数",
    "days": "第几天",
    "clock": "几点",
    "weekday": "星期",
    "first": "第一天",
    "last": "最后一天",
    "week": "哪一周",
    "post": "岗位",
    "posts": "岗位",
    "level": "层级",
    "levels": "层级",
    "team": "班组",
    "teams": "班组",
    "contractor": "外包公司",
    "contractors": "外包公司",
    "site": "校区",
    "sites": "校区",
    "employment": "用工方式",
    "workers": "点名的人",
    "tags": "标签",
    "new_days": "来了不超过几天",
    "new_since": "哪天以后来的",
    "posts_since": "哪天以后换过岗",
    "unanswered": "还没回应的内容",
    "push": "哪次推送",
    "becomes": "变成哪次推送",
    "size": "人数",
    "note": "说明",
    "notice": "更正全文",
    "corrects": "更正哪次",
    "material": "实质修改",
    "beyond": "超出批准的范围",
    "channels": "渠道",
    "channel": "渠道",
    "remind_after_days": "几天后提醒",
    "stages": "分批",
    "let_go": "已放出",
    "of": "一共",
    "failed": "没成的",
    "rows": "行数",
    "deliveries": "送达记录",
    "may_double": "可能重复",
    "edition": "版本",
    "legal": "法律审核人",
    "roles": "角色",
    "disabled": "停用",
    "number": "工号",
    "client": "在哪儿读",
    "purpose": "为什么看",
    "campaign": "推送计划",
    "due": "期限",
    "inferred": "从名册看出",
    "slip": "绑定条",
    "count": "张数",
    "same": "和原来一样",
    "steps": "审批级数",
    "demo": "演示",
    "name": "姓名",
    "zone": "时区",
}
STATES: Final[dict[str, str]] = {
    CampaignState.DRAFT: "草稿",
    CampaignState.APPROVED: "已批准",
    CampaignState.PAUSED: "已暂停",
    CampaignState.STOPPED: "已停止",
    "reviewed": "审批中",
    "declined": "不批",
    "asked": "等批",
    "open": "待办",
    "closed": "已销号",
    "once": "一次",
    "cron": "定期",
    "course": "课程表",
    "festival": "节点前后",
    "since": "从入职或换岗数",
    "review": "复习",
    "wecom": "企业微信",
    "official": "服务号",
    Role.EDITOR: "编辑",
    Role.REVIEWER: "审核",
    Role.SCHEDULER: "推送管理员",
    Role.OFFICER: "纪检委员",
    Role.LEAD: "班组长",
    Role.CONTRACTOR: "外包公司",
    Role.AUDITOR: "审计",
    Role.SYSADMIN: "系统管理员",
}
EVERYBODY: Final = "全体"
"""An audience without a rule."""
MOST_NAMED: Final = 6
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")
_LONG_CODE: Final = re.compile(r"[0-9a-f]{8}(?:[0-9a-f]{24,}|-[0-9a-f-]{27})")


def action_name(action: str) -> str:
    return ACTIONS.get(action, action)


def in_words(changes: Mapping[str, object]) -> str:
    """What changed in one line. Empty values are left out; a field nobody named keeps its own name."""
    told = [
        (FIELDS.get(name, name), _value(value) or (EVERYBODY if name == "audience" else ""))
        for name, value in changes.items()
    ]
    return "；".join(f"{name}：{value}" for name, value in told if value)


def _value(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        inner = in_words(value)
        return f"（{inner}）" if inner else ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        named = "、".join(_value(one) for one in value[:MOST_NAMED])
        return named if len(value) <= MOST_NAMED else f"{named}等 {len(value)} 项"
    return _text(str(value))


def _text(text: str) -> str:
    if text in STATES:
        return STATES[text]
    if _LONG_CODE.fullmatch(text):
        return f"{text[:8]}…"
    if _MOMENT.fullmatch(text):
        return f"{local(datetime.fromisoformat(text).astimezone(UTC)):%Y-%m-%d %H:%M}"
    return text
