"""What is said while an account is bound to a worker, and how it is ended again."""

from collections.abc import Sequence

from lianbot.domain.binding import BindOutcome, SlipState
from lianbot.domain.people import PreferredTime

TITLE = "绑定"
OPEN_IN_APP = "请在微信或企业微信里打开这一页：别的浏览器认不出是谁。"
NUMBER_LABEL, NAME_LABEL, TAIL_LABEL, SEND = "工号", "姓名", "手机后四位", "发送"
PAGE_NOTE = "只用来认人：绑的是您的微信号和名册上的您，不看聊天，不定位。"
WHOSE_TITLE = "是谁在看？"
WHOSE_NOTE = "这个微信上有两位，点一下名字，回的才记在本人名下。"
CHANGE_TIME = "改收信的时间"
BIND_NOW = "现在就绑"
YES, NO = "是我", "不是我"
CLAIM_EXAMPLE = "绑定 LB000123 王小芳 8866"
HOW_TO = (
    "还不认得您。三个办法，哪个方便用哪个：\n"
    "1. 扫班长给的绑定条（也可以把条上 12 位数字发过来）。\n"
    "2. 新来的扫班组墙上的海报。\n"
    f"3. 一次发来工号、姓名、手机后四位，像这样：{CLAIM_EXAMPLE}"
)
PAGE_LINK = "也可以点这里，一步一步来："
NO_MATCH = (
    "没对上。请核对工号、姓名、手机后四位再发一次；换过微信或手机号的，找班长要一张绑定条最快。"
)
TOO_OFTEN = "试的次数多了，今天先到这里。明天再试，或找班长要一张绑定条。"
NO_SLIP = "不认得这张条：可能不是我们单位的，或者数字看错了。请找班长换一张。"
NOT_ME = "好，不绑。这张条请还给班长；您自己的条，找班长要。"
NOTHING_ASKED = "时间过了，请再扫一次条，或再发一次工号、姓名、手机后四位。"
ALREADY = "这个微信已经绑好了，不用再绑。"
LEFT = "这张条上的人不在名册上了，所以绑不了。要是弄错了，请找后勤办公室。"
TAKEN = NO_MATCH
SLIP_STATES: dict[SlipState, str] = {
    SlipState.USED: "这张条用过了，一张条只能用一次。要是不是您用的，请马上告诉班长或后勤办公室。",
    SlipState.VOID: "这张条作废了，后来又印过新的。请找班长要新的那张。",
    SlipState.EXPIRED: "这张条过期了（印出来 30 天内有效）。请找班长换一张。",
}

TIMES: dict[PreferredTime, str] = {
    PreferredTime.BEFORE_SHIFT: "班前",
    PreferredTime.NOON: "午休",
    PreferredTime.AFTER_SHIFT: "下班后",
    PreferredTime.ANY: "都行",
    PreferredTime.PAPER_ONLY: "不想收",
}
WHEN = "什么时候看方便？"
PAPER = (
    "好，手机上不发了。班前会念给您听，或给您一张纸，一样算数。"
    "班长和公司看到的您，和没绑微信的人一样。想再收，回“我要收”。"
)
AGREE, DISAGREE = "同意提醒", "不要提醒"
CONSENT = (
    "学习提醒每周最多两条，只讲和您岗位有关的事，不做广告，不扣钱不排名。"
    "同意的话，我们用服务号的消息提醒您；随时回“取消提醒”就停。"
)
"""Kept word for word with the consent."""
AGREED = "记下了，谢谢您。您同意的是：\n"
DECLINED = "好，不提醒。您什么时候来问都行；班前会照样念给您听。改主意了，回“同意提醒”。"
WITHDRAWN = "停了，不再主动给您发。您来问，照样答。要再收，回“同意提醒”。"
NO_CONSENT = "本来就没有开提醒。要开，回“同意提醒”。"
WELCOME_BACK = "欢迎回来。原来的绑定还在，不用再绑。提醒要重新同意：回“同意提醒”。"

UNBIND_HOW = "解开以后，这个微信就不认得您了，手机上不再收，记录按规定留着。真要解开，回："
UNBOUND = "解开了。这个微信不再收，也不认得您了。想再绑，扫新的绑定条。"
CHANGE_ACCOUNT = (
    "换手机号：告诉班长，改名册就行，微信不用重绑。\n"
    "换微信、旧的还在：在旧微信回“解绑”，再用新微信扫绑定条。\n"
    "旧微信没了：找班长要一张绑定条，用新微信扫，旧的自动解开。"
)

POSTER_GONE = "这张海报不是我们的，或者已经换过了。请找班长。"
OTHER_POSTS = "别的岗位"
NAME_PLEASE = "请只发您的姓名。"
WAITING_WORD = "等推送管理员核对。核对好之前什么都不算数，您也不用做什么。"


def claim(name: str, team: str, post: str) -> str:
    return f"您是{name}，{team}{post}？"


def time_kept(time: str) -> str:
    return f"记下了：{time}。想改，再回一次就行。"


def hello(name: str) -> str:
    return f"绑好了，{name}。没看不扣钱，不排名。"


def post_please(team: str) -> str:
    return f"{team}新来的吧？您做什么？"


def waiting(team: str, post: str, name: str) -> str:
    return f"记下了：{team}，{post}，{name}。{WAITING_WORD}"


def whose(names: Sequence[str]) -> str:
    """Two workers on one account: the number behind the word says who speaks."""
    lines = "、".join(f"{index} 是{name}" for index, name in enumerate(names, start=1))
    return f"这个微信上有 {len(names)} 位：{lines}。是谁？"


def opened_for(name: str, text: str) -> str:
    """On a shared account every message says first whom it is for."""
    return f"给{name}：{text}"


SLIP_TITLE = "绑定条"
SLIP_HOW = (
    "1. 微信扫左边的码。",
    "2. 看名字对不对，回“是我”。",
    "3. 挑个方便的时间，就好了。",
    "只能用一次，别给别人。",
)
SLIP_TYPED = "扫不了就发这 12 位："
SLIP_UNTIL = "有效到 "
POSTER_TITLE = "新来的，扫这里"
POSTER_HOW = ("1. 微信扫码，关注。", "2. 点您做什么。", "3. 发您的姓名，等核对。")
POSTER_NOTE = "老员工用自己的绑定条。没看不扣钱，不排名。"


def slip_place(team: str, post: str, number: str) -> str:
    return f"{team} · {post} · {number}"


NOT_ACCEPTED: dict[BindOutcome, str] = {
    BindOutcome.TAKEN: "名册上的这个人已经绑了别的微信。真是换了微信，就给本人印一张绑定条；不是，请选对人。新来的还在待确认里。",
    BindOutcome.LEFT: "名册上的这个人已经离开，绑不了。请先改名册。新来的还在待确认里。",
    BindOutcome.SLIP_GONE: SLIP_STATES[SlipState.USED],
}
POSTER_FILE = "班组海报"


def not_on_roster(number: str) -> str:
    return f"名册上没有工号 {number}：新来的先导入名册，再来确认"


SHARED_NOTE = "和别人合用一个微信"


def note_of(*, shared: bool, broken: str | None) -> str:
    notes = [SHARED_NOTE] if shared else []
    if broken:
        notes.append("收不到")
    return "，".join(notes)
