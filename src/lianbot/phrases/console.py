"""Every text of the administrators' console that is not in a template: names, reasons with the mend, faults."""

from datetime import date

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.campaigns import Audience, CampaignState, OccurrenceKind, OccurrenceState
from lianbot.domain.codes import ItemType
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.items import EditionState
from lianbot.domain.people import ChannelKind, PreferredTime, Role
from lianbot.domain.ways import Way
from lianbot.phrases import alerts
from lianbot.phrases.audit import action_name as action_name

WEEKDAYS = "一二三四五六日"

EXPORT_CAPTION = "只说明单位告知过，不作工资、罚款、考勤、辞退依据。"
"""First line of every export (P8)."""

ROLES: dict[Role, str] = {
    Role.EDITOR: "编辑",
    Role.REVIEWER: "审核",
    Role.SCHEDULER: "推送管理员",
    Role.LEAD: "班组长",
    Role.CONTRACTOR: "外包公司",
    Role.OFFICER: "纪检委员",
    Role.AUDITOR: "审计",
    Role.SYSADMIN: "系统管理员",
}

CHANNELS: dict[ChannelKind, str] = {
    ChannelKind.WECOM: "企业微信",
    ChannelKind.OFFICIAL: "服务号",
}
WAYS: dict[Way, str] = {
    Way.WECOM: "企业微信",
    Way.TEMPLATE: "服务号模板消息",
    Way.CUSTOMER: "服务号对话里发",
    Way.HELD: "等本人下次来",
}


def open_window(left: int, day: date) -> str:
    """Beside a way whose window is open: how many, and until which day."""
    return f"（还能发 {left} 条，到 {day.month} 月 {day.day} 日）"


CLIENT_BY_HAND = "（人工设定）"
CLIENT_CHOICE = "自动认、企业微信、普通微信选一个"
CLIENT_NOBODY = "这个人没有绑定企业微信，设了也用不上"

ENCLOSURES: dict[EnclosureKind, str] = {
    EnclosureKind.VOICE: "语音（amr，60 秒以内）",
    EnclosureKind.IMAGE: "图片（jpg、png）",
}

STATES: dict[DeliveryState, str] = {
    DeliveryState.PLANNED: "待发",
    DeliveryState.SKIPPED: "不发",
    DeliveryState.DEFERRED: "延后",
    DeliveryState.HANDING_OVER: "正在交给平台",
    DeliveryState.ACCEPTED: "平台已接受",
    DeliveryState.REFUSED: "平台拒收",
    DeliveryState.UNKNOWN: "不明",
    DeliveryState.PLATFORM_FAILED: "平台说没送到",
}
"""What is known, and not more (P1): a platform that accepted has not shown anybody anything."""

STATE_MEANINGS: dict[DeliveryState, str] = {
    DeliveryState.PLANNED: "排好了，还没交给平台",
    DeliveryState.SKIPPED: "这次不发给这个人，原因写在后面",
    DeliveryState.DEFERRED: "现在不便发，到时候自动再发",
    DeliveryState.HANDING_OVER: "正在交，还没有回音",
    DeliveryState.ACCEPTED: "平台收下了；本人看没看，平台不说，我们也不知道",
    DeliveryState.REFUSED: "平台明确拒绝",
    DeliveryState.UNKNOWN: "交出去了但没有回音，可能到了，也可能没到",
    DeliveryState.PLATFORM_FAILED: "平台先收下，后来又说没送到",
}

REASONS: dict[Reason, tuple[str, str]] = {
    Reason.NONE: ("", ""),
    Reason.LEFT: ("已经离职", "不用处理；花名册写错了就改花名册"),
    Reason.UNBOUND: ("没有绑定账号", "请本人扫班组海报上的码，或由班长当面讲"),
    Reason.OPTED_OUT: ("本人退订了", "尊重本人选择，由班长当面讲"),
    Reason.PAPER_ONLY: ("本人只要纸质", "打印一份交给本人，签收后登记"),
    Reason.CAPPED_DAY: ("当天已经发过一条", "自动改到下一个合适的时间"),
    Reason.CAPPED_WEEK: ("七天里已经发过两条", "自动改到下一个合适的时间；不要另外加发"),
    Reason.CAPPED_FESTIVAL: ("这个节已经发过两条", "不用处理，每人每个节最多两条"),
    Reason.FESTIVAL: ("这周发节日提醒，代替每周一课", "不用处理，下周接着讲"),
    Reason.WINDOW: ("不在该岗位能看手机的时间", "到了时间自动发"),
    Reason.QUIET: ("静默期", "过了静默期自动发"),
    Reason.SUPERSEDED: ("说错了，已经更正", "不用处理：错的不再发，改好的新版本另发"),
    Reason.ACKNOWLEDGED: ("本人已经回应过", "不用处理"),
    Reason.EXPIRED: (
        "过期了：内容到了有效期，或者过了 30 天（节日提醒是过了节）还没发出去",
        "内容到期的请编辑更新；发晚了的不补，还要讲就新建一份计划",
    ),
    Reason.STOPPED: ("推送被停止", "需要再发就新建一份计划"),
    Reason.CHANNEL_DOWN: ("渠道暂时不通", "自动再试；一直不通请看“设置与健康”"),
    Reason.QUOTA: ("平台额度用完了", "额度恢复后自动再发"),
    Reason.WINDOW_CLOSED: ("服务号 48 小时窗口已关", "本人再点一次菜单就能收到，或由班长当面讲"),
    Reason.NOT_MEMBER: ("不在企业微信通讯录里", "请企业微信管理员把人加进通讯录"),
    Reason.NOT_VISIBLE: ("不在应用的可见范围", "请企业微信管理员把人加进应用可见范围"),
    Reason.NOT_LICENSED: ("账号没有许可", "请企业微信管理员分配接口许可"),
    Reason.NOT_FOLLOWING: ("没有关注服务号", "请本人扫码关注，或由班长当面讲"),
    Reason.BAD_CONTENT: ("平台不收这段内容", "请编辑改内容后重新审核"),
    Reason.BAD_CONFIG: ("账号配置不对", "请系统管理员核对企业微信的设置"),
    Reason.UNLISTED_CODE: ("平台给了没见过的错误码", "请系统管理员查看提醒里的错误码"),
    Reason.NO_ANSWER: ("平台没有回音", "能去重的会自动核对；核对不了的由人决定，不自动重发"),
    Reason.PROCESS_DIED: (
        "交给平台时程序中断",
        "能去重的会自动核对；核对不了的由人决定，不自动重发",
    ),
    Reason.HELD: ("等本人下次来时给", "请班长班前会念；本人在服务号里说句话，到时段就发"),
    Reason.NO_CONSENT: ("没有同意收学习提醒", "请本人在服务号里同意；在那之前等本人下次来"),
    Reason.NO_RIGHT: ("服务号没有这种发法的权限", "运行 lianbot doctor，按提示改"),
    Reason.NOT_IN_PILOT: ("试点期间不发给这个人", "把工号加进试点名单，或结束试点"),
    Reason.STAGED: ("还没轮到这一批", "前一批顺利就自动发；不顺利会自动停下，等人来看"),
    Reason.TOO_FEW: (
        "收到这条的不到 5 人，等于点名",
        "由班长当面讲，或换成适合大家的内容另写一份",
    ),
    Reason.TOO_MANY_TRIES: ("试了三次都不行", "请看提醒里的原因，修好后新建一份计划"),
}
"""Why a row is where it is, and the mend."""

OWN_BUSINESS = frozenset(
    {
        Reason.UNBOUND,
        Reason.PAPER_ONLY,
        Reason.OPTED_OUT,
        Reason.NOT_FOLLOWING,
        Reason.WINDOW_CLOSED,
    }
)
"""Whether somebody never bound, wants paper or left again is nobody's business in the team: one sentence for all."""


def to_a_lead(reason: Reason) -> tuple[str, str]:
    """Reason and mend as leads and companies read them: who chose paper looks like who is not bound."""
    if reason in OWN_BUSINESS:
        return "手机上收不到", "班前会念给本人听，或给一张纸，一样算数"
    return REASONS[reason]


REACHED_NOW = "可达"
NO_POST_FITS = "没有适合该岗位的内容"

ANSWER_NAMES: dict[Answer, str] = {
    Answer.UNDERSTOOD: "懂了",
    Answer.NOT_UNDERSTOOD: "没看懂",
    Answer.DISAGREE: "不同意",
    Answer.CANNOT: "做不到",
    Answer.ASK_SOMEONE: "找人讲",
}

CAMPAIGN_STATES: dict[CampaignState, str] = {
    CampaignState.DRAFT: "待审",
    CampaignState.APPROVED: "已批准",
    CampaignState.PAUSED: "已暂停",
    CampaignState.STOPPED: "已停止",
}

OCCURRENCE_STATES: dict[OccurrenceState, str] = {
    OccurrenceState.PLANNING: "正在排",
    OccurrenceState.PLANNED: "进行中",
    OccurrenceState.PAUSED: "已暂停",
    OccurrenceState.STOPPED: "已停止",
    OccurrenceState.MISSED: "错过了，没有发",
}

OCCURRENCE_KINDS: dict[OccurrenceKind, str] = {
    OccurrenceKind.PUSH: "推送",
    OccurrenceKind.REMINDER: "提醒一次",
    OccurrenceKind.ADDITION: "补人",
    OccurrenceKind.CORRECTION: "更正",
}

EDITION_STATES: dict[EditionState, str] = {
    EditionState.AWAITING: "待审核",
    EditionState.APPROVED: "已审核",
    EditionState.RETIRED: "已下架",
    EditionState.RETURNED: "退回待改",
}

ITEM_TYPES: dict[ItemType, str] = {
    ItemType.LESSON: "短课",
    ItemType.CASE: "案例",
    ItemType.STORY: "好人好事",
    ItemType.QUIZ: "题目",
    ItemType.POLICY: "制度",
    ItemType.FAQ: "问答",
    ItemType.REMINDER: "节点提醒",
}

PREFERRED: dict[PreferredTime, str] = {
    PreferredTime.ANY: "随时",
    PreferredTime.BEFORE_SHIFT: "上班前",
    PreferredTime.NOON: "中午",
    PreferredTime.AFTER_SHIFT: "下班后",
    PreferredTime.PAPER_ONLY: "只要纸质",
}

CLIENTS: dict[str, str] = {
    "wecom": "企业微信客户端",
    "plain": "普通微信里看",
    "unknown": "还不知道用什么看",
}

DIMENSIONS: dict[str, str] = {
    "team": "班组",
    "contractor": "外包公司",
    "post": "岗位",
    "topic": "主题",
}

# ---- menu ----------------------------------------------------------------------------------------------------

MENU: tuple[tuple[str, str, str], ...] = (
    ("overview", "/", "今日概览"),
    ("team", "/team", "我的班组"),
    ("campaigns", "/campaigns", "推送计划"),
    ("content", "/content", "内容"),
    ("tasks", "/tasks", "待办"),
    ("rectifications", "/rectifications", "整改台账"),
    ("proposals", "/proposals", "选题"),
    ("letters", "/letters", "信箱文件"),
    ("stats", "/stats", "统计"),
    ("roster", "/roster", "花名册"),
    ("bindings", "/bindings", "绑定"),
    ("ledger", "/ledger", "确认账"),
    ("audit", "/audit", "审计"),
    ("accounts", "/accounts", "账号"),
    ("health", "/health", "设置与健康"),
)
"""Route name, address, label: shown to those who may."""

# ---- what was done -------------------------------------------------------------------------------------------

SAID: dict[str, str] = {
    "created": "已提交，等另一位审核人来批。",
    "term": "整个学期排好了，等另一位审核人来批。",
    "week": "这一周改好了，只有它等人再批。",
    "week-silent": "这一周不讲了。",
    "approved": "已批准。",
    "step": "这一级已批，还要下一位审核人来批。",
    "paused": "已暂停：还没发的先不发。",
    "resumed": "已恢复。",
    "stopped": "已停止：还没发的都不发了。",
    "change-open": "已记下，马上自动排出。",
    "change-asked": "已写好，等审核人来批：要几位，写在下面。",
    "change-step": "这一级已批，还要下一位审核人来批。",
    "change-declined": "没有批，什么也不发。",
    "unknown-again": "已定重发：能发的时候就发，每份只再发一次。",
    "unknown-leave": "已记作不明，不再发。",
    "recall": "已请平台撤回，结果写在本页。",
    "adopted": "已审核通过，可以排进推送计划了。",
    "checkpoint": "已签一个检查点。",
    "no-checkpoint": "上次检查点之后没有新的确认，不用再签。",
    "closed": "已办结。",
    "accepted": "确认好了，从现在起能收到。",
    "refused": "已拒绝，姓名和账号都删了。",
    "unbound": "已解绑。",
    "client": "已设好，从下一条推送起照这个发。",
    "password": "密码已改，请重新登录。",
    "totp": "动态码已开通，下次登录要填。",
    "account": "账号已建好。",
    "account-password": "密码已重设，请当面告诉本人。",
    "account-person": "收消息的人记下了。",
    "account-off": "账号已停用，正在用的也已退出。",
    "account-on": "账号已恢复。",
    "account-totp": "已取消动态码，请本人重新开通。",
    "stop-all": "全部推送已停下：什么都不会再发出去。",
    "resume-all": "已恢复推送。",
    "alert": "提醒已处理。",
    "raised": "已提出，请定人定时间。",
    "rectified": "已记下。",
    "letters-pack": "周包收下了，今天夜里送出去。",
    "letters-attest": "取信签字收下了，很快记进确认账。",
    "letters-proposal": "建议收下了，进了整改台账或选题。",
}

# ---- fields and faults ---------------------------------------------------------------------------------------

FIELDS: dict[str, str] = {
    "enclose": "附上什么",
    "client": "在哪儿读",
    "worker": "员工",
    "name": "账号",
    "display": "姓名",
    "password": "密码",
    "fresh": "新密码",
    "code": "动态码",
    "secret": "动态码密钥",
    "title": "名称",
    "at": "推送时间",
    "first": "第一天",
    "last": "最后一天",
    "week": "哪一周",
    "item": "改讲",
    "levels": "级别",
    "tags": "标签",
    "new_days": "来了不超过几天",
    "new_since": "哪天以后来的",
    "posts_since": "哪天以后换过岗",
    "unanswered": "还没回应的内容",
    "node": "哪个节",
    "offset": "节前节后几天",
    "event": "从哪天数",
    "days": "第几天",
    "weekday": "星期",
    "time": "几点",
    "expression": "时间表",
    "shelf": "课程表",
    "items": "内容",
    "posts": "岗位",
    "contractors": "外包公司",
    "teams": "班组",
    "sites": "校区",
    "channels": "渠道",
    "remind": "提醒",
    "steps": "审批级数",
    "stages": "分批",
    "numbers": "工号",
    "choice": "怎么办",
    "row": "送达记录",
    "wrong": "哪里说错了",
    "right": "现在以什么为准",
    "schedule": "什么时候发",
    "note": "说明",
    "legal": "法律审核人",
    "purpose": "用途",
    "measure": "怎么改",
    "source": "来源",
    "unit": "单位",
    "owner": "责任人",
    "verifier": "验收人",
    "due": "期限",
    "evidence": "怎么改的、在哪能看到",
    "why": "原因",
    "upload": "上传的文件",
    "kind": "提什么",
    "text": "用自己的话写",
    "floor": "依据",
    "file": "花名册文件",
    "roles": "角色",
    "number": "工号",
    "team_id": "班组",
    "contractor_id": "外包公司",
}

CAPS = "上限：一天一条，七天两条，提醒和复习都算在里面。"
OFFSET_UNREADABLE = "节前写负数，节后写正数，例如 -10，最多 60 天"
NOT_TEXT = "要填文字"
NOT_CHOSEN = "没有这个选项，请从列出的里面选"
START_AGAIN = "页面过期了，请刷新后重新填"
CLOSE_NOTE = "请写一句怎么办的"
PURPOSE_NEEDED = "请写明看名字做什么用，例如“明天班前会当面讲”"
TIME_UNREADABLE = "请写成日期和时间，例如 2026-12-01 14:07"
ROLES_NEEDED = "至少选一个角色"
SCOPE_NEEDED = "班组长要选班组，外包公司要选公司"
NAME_SHAPE = "账号用字母、数字、点、横线，2 到 40 个字"
NO_FILE = "请先选一个文件"
LOOK_AGAIN = "您刚改了上面的选择，比对有变化：请再看一遍，没问题再点导入。还没有写入。"
BENCH_GONE = "这次比对已经过期，请重新上传文件"
NO_SUCH_TEAM = "您的账号没有指定班组或公司，请找系统管理员"
CHECK_OWN_ACCOUNT = "不能停用自己的账号"


def too_long(most: int) -> str:
    return f"最多 {most} 个字"


def between(least: int, most: int) -> str:
    return f"要填 {least} 到 {most} 之间的整数"


def conflicting(one: Role, other: Role) -> str:
    return f"“{ROLES[one]}”和“{ROLES[other]}”不能是同一个账号"


NOT_ADMITTED = "账号、密码或动态码不对，或者暂时锁住了。请核对后再试。"
TOO_MANY_TRIES = "试得太勤了，请过几分钟再来。"
OLD_PASSWORD_WRONG = "现在的密码或动态码不对。"  # noqa: S105 - a sentence
PASSWORD_SHORT = "密码至少 10 个字，越长越好，一句话也行。"  # noqa: S105 - a sentence
PASSWORD_LONG = "密码最多 200 个字。"  # noqa: S105 - a sentence
PASSWORD_PLAIN = "密码太好猜：不要含账号名，也不要几个字来回用。"  # noqa: S105 - a sentence
PASSWORDS_DIFFER = "两次写的新密码不一样。"
CODE_WRONG = "动态码不对：请看手机上最新的 6 位数字，手机时间要准。"

NOT_YOURS = "您的角色不能做这件事。需要的话，请找系统管理员。"
FORGED = "页面过期了，或者请求不是从本页发出的。请刷新页面再试。"
NO_SUCH_PAGE = "没有这一页。"
NO_SUCH_ACCOUNT = "没有这个账号。"
OUR_FAULT = "系统出了点问题，已经记下来了。什么都没有改，请稍后再试。"
HTTP_FAULTS: dict[int, str] = {
    400: "这个请求看不懂，请刷新页面再试。",
    404: NO_SUCH_PAGE,
    405: NO_SUCH_PAGE,
    413: "内容太大了，请删减后再试。",
}
FAULT_TITLES: dict[int, str] = {
    400: "填的内容有问题",
    401: "请先登录",
    403: "不能这样做",
    404: "没有找到",
    405: "没有找到",
    409: "现在做不了",
    413: "太大了",
    500: "出错了",
}

# ---- alerts --------------------------------------------------------------------------------------------------


_PLATFORMS = {"wecom": "企业微信", "official": "服务号"}


IF_SILENT = "如果还没确认"
"""Beside a reminder in a preview: whoever has answered by then does not get it."""


def alert_words(kind: str) -> str:
    """What stands before an alert's detail: not everything is a platform's word."""
    return "平台原话" if kind.partition(":")[0] in _PLATFORMS else "详情"


def alert_title(kind: str) -> str:
    channel, _, what = kind.partition(":")
    if channel == "plan":
        return f"推送计划“{what}”排不出来"
    if kind == "ledger:clock":
        return "时钟比确认账慢"
    if kind == "door:fetch":
        return "信箱超过七天没有登记取信"
    if channel == alerts.HALTED_KIND:
        return "推送自动暂停了"
    if channel == alerts.MISSED_KIND:
        return f"推送计划“{what}”错过了时间"
    if channel == alerts.FEW_KIND:
        return f"推送计划“{what}”有人没有发：收到同一条的人太少"
    name = _PLATFORMS.get(channel, channel)
    if what == "down":
        return f"{name}连不上"
    return f"{name}返回错误码 {what}" if what else name


def alert_mend(kind: str) -> str:
    channel, _, what = kind.partition(":")
    if channel == "plan":
        return "别的推送照常。核对这份计划的内容、收件人和时间表，改不了就停掉它另写一份。"
    if kind == "door:fetch":
        return "请上级催纪检委员取信、做周包；没有登记取走的信不会被清掉。"
    if kind == "ledger:clock":
        return "请系统管理员校准服务器时钟；校准以前不排新的推送，也记不下确认。"
    if channel == alerts.HALTED_KIND:
        return "到推送页看拒收和不明的原因；弄清楚再点“恢复”，已经出的错不会再算一次。"
    if channel == alerts.MISSED_KIND:
        return "错过的不会自动补发。课程下一次接着讲；别的还要讲，就另写一份“一次”的推送。"
    if channel == alerts.FEW_KIND:
        return "不到 5 人收同一条，等于点名。请班长当面讲，或换成适合大家的内容另写一份。"
    if what == "down":
        return "先看服务器能不能上网；没发的会自动再试，不会丢，也不会重复。"
    return "请系统管理员按错误码核对账号设置；修好后，没发的会自动再发。"


# ---- sheets --------------------------------------------------------------------------------------------------

STATS_HEAD = (
    "在册",
    "可达",
    "排过",
    "平台已接受",
    "另有当面讲过或本人回应",
    "覆盖率",
    "已回应",
    "未回应",
    "不明",
    "第一次就答对（约）",
)
DEMO_APPROVAL = "演示审批"
HIDDEN = "人太少，不显示"
NO_QUESTION = "还没有答题"


# ---- stop-all, and other answers to a person -----------------------------------------------------------------


def file_name(stem: str, day: str, extension: str) -> str:
    return f"{stem}-{day}.{extension}"


APPROVER_STEPS: tuple[str, ...] = ("支部书记", "纪检委员", "总经理", "分管校领导")


def audience_words(
    audience: Audience,
    posts: list[str],
    contractors: list[str],
    teams: list[str],
    sites: list[str],
) -> str:
    """Whom a campaign is for, in one sentence; the places by name."""
    parts = [
        f"{label}：{'、'.join(names)}"
        for label, names in (
            ("岗位", posts),
            ("外包公司", contractors),
            ("班组", teams),
            ("校区", sites),
            ("级别", list(audience.levels)),
            ("标签", list(audience.tags)),
            ("还没回应", list(audience.unanswered)),
        )
        if names
    ]
    if audience.new_days is not None:
        parts.append(f"来了不超过 {audience.new_days} 天")
    if audience.new_since:
        parts.append(f"{audience.new_since.isoformat()} 以后来的")
    if audience.posts_since:
        parts.append(f"{audience.posts_since.isoformat()} 以后换过岗的")
    if audience.employment or audience.workers:
        parts.append("另有用工形式或点名的条件")
    return "；".join(parts) or "在册的全体员工"


def cron_words(expression: str) -> str:
    """The common weekly form in words; anything else as written."""
    fields = expression.split()
    if len(fields) == 5 and fields[2:4] == ["*", "*"] and fields[0].isdecimal():
        minute, hour, weekday = fields[0], fields[1], fields[4]
        if hour.isdecimal() and weekday in CRON_DAYS:
            return f"每周{CRON_DAYS[weekday]} {int(hour):02d}:{int(minute):02d}"
        if hour.isdecimal() and weekday == "*":
            return f"每天 {int(hour):02d}:{int(minute):02d}"
    return f"按时间表 {expression}"


CRON_DAYS: dict[str, str] = {
    "mon": "一",
    "tue": "二",
    "wed": "三",
    "thu": "四",
    "fri": "五",
    "sat": "六",
    "sun": "日",
}
