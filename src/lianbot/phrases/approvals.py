"""Texts of approvals: the approver's phone pages, and the legal reviewer wherever content is approved."""

from collections.abc import Sequence

TITLE = "等您审批"
INTRO = "一条一条看，看完再点。您写的、您送来的，不会出现在这里。"
CONTENT = "内容"
CAMPAIGNS = "推送计划"
CHANGES = "补人和更正"
CHANGE_ONLY = "批了就马上发；要几级审批的，最后一位批了才发。不批，这一份就作废，什么也不发。"
CHANGE_OF = "改的是"
CHANGE_WHO = "发给谁"
CHANGE_PEOPLE = "写的时候，人数"
CORRECTED = "收到过错的那份的人"
DECLINE = "不批"
DECLINED = "没有批，什么也不发。"
STEP_APPROVED = "这一级已批，记在您名下；还要下一位审核人来批。"
NOTHING = "现在没有等您审批的。"
AS_SEEN = "师傅手机上就是这个样子："
QUESTIONS = "题目（每人随机一道，选项会打乱）"
RIGHT_ONE = "对"
VOICE_SCRIPT = "语音稿"
RECORDING = "录音"
LEGAL_BASIS = "依据（请法律审核人核对条号和版本）"
LEGAL_FIELD = "法律审核人"
LEGAL_LENGTH = 20
LEGAL_TOO_LONG = f"最多 {LEGAL_LENGTH} 个字，只写姓名"
LEGAL_IS_AUTHOR = "写的人不能核对自己引的法规，请写另一位的姓名"
LEGAL_HINT = "这一条引了法规：谁核对过条号和版本，写谁的姓名"
NOTE_FIELD = "说明（退回时必须写，写清改哪里）"
NOTE_MISSING = "退回要写一句为什么、改哪里，写的人好改"
APPROVE = "通过"
SEND_BACK = "退回，请写的人改"
APPROVED = "已通过，记在您名下。"
SENT_BACK = "已退回，写的人会看到您的说明。"
OWN = "这是您自己送来的，要另一位审核人来批。"
DECIDED = "这一条已经有人处理过。"
CAMPAIGN_ONLY = "批了就按时发。不同意就先不批，找写的人改。"
PEOPLE = "按现在的名册，人数"
FITTING = "其中有合适内容的"
WHEN = "什么时候"
WHAT = "发什么"
FROM_COURSE = "按课程表往下讲，每人一条。"
NOT_AN_APPROVER = "这一页只给审核人用。您要是审核人，请系统管理员在控制台把您的账号和工号连起来。"
BACK = "回到列表"
NOT_AFTER = "有效到"
WRITTEN_BY = "写的人"


def more(count: int) -> str:
    return f"后面还有 {count} 条，批完前面的再来看。"


def legal_missing(items: Sequence[str]) -> str:
    """Names at most three of those that refer to a law."""
    named = "、".join(items[:3]) + (f" 等 {len(items)} 条" if len(items) > 3 else "")
    return f"{named} 引了法规，要写明是谁核对的条号和版本（命令行加 --legal 姓名），一条也没有批"


def noted(note: str, legal: str) -> str:
    """The note that stands beside the approval."""
    return "；".join(part for part in (f"法律审核：{legal}" if legal else "", note) if part)
