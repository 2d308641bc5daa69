"""Texts of the demo."""

from collections.abc import Iterable

TITLE = "演示：一所虚构的学校"
DRILL = "第二课：拔电源演习"
OPEN_PHONE = "打开手机"
OPEN_PAGE = "打开页面"
OPEN_CONSOLE = "打开控制台"
PULL = "拔电源"
EDIT = "改一条账"
TOO_SLOW = "这台电脑太忙，没等到推完；数字会自己追上来，过一会儿再看。"
OFFICE = "后勤纪检委员"
SUPERIOR = "校纪委"
CONCERNS = (
    "送菜的每次都给验收的塞烟，单子先签后称。",
    "夜里有不认识的车来拉餐厨油，没见过磅单。",
)
OFFICER_REPLY = "收到了，正在查。您不用再说自己是谁。"
BUSY = "上一步还没做完，请稍等。"
NOTHING_TO_EDIT = "账上还没有确认：先在一部手机上点“懂了”，再来改。"
NOT_FOUND = "核对程序没有发现改动：这是毛病，请告诉我们。"
COOK = ("① 师傅收到一课", "打开这部手机，点开第一课。先故意选错：看理由，再选一次。")
LEAD = ("② 班前会", "班长打开这一页，念一念，在场的打勾：记录里写明是班长代记。")
PLUG = ("③ 拔电源", "第二天推到一半，强行杀掉程序再启动：数字照样对得上。")
LEDGER = (
    "④ 改一条账",
    "导出确认账，偷偷改一条：核对程序说出哪一个签点之前被改过；和员工手里的回执一对，就知道是哪一条。",
)
ASK = ("⑤ 两条烟咋办", "在这部手机上打字问：供货商塞了两条烟，咋办？")
CONCERN = (
    "⑥ 说一件事，不留名",
    "打开意见箱看看；或让两封信走一个来回：封好、过夜、纪检委员拆、回音、凭回执看。",
)
OPEN_DOOR = "打开意见箱"
PLAY_CONCERN = "走一个来回"
CONSOLE = ("⑦ 控制台", "换个角色看：谁写的、谁批的、谁没收到、为什么。")


def note(console: str) -> str:
    return f"左边是员工的手机，右边在控制台看同样的数字：{console}"


def concern_played(*, filed: int, opened_by_officer: int, replied: int, picked_up: int) -> str:
    return (
        f"投了 {filed} 封，过了一夜；纪检委员在自己电脑上拆开 {opened_by_officer} 封，回了 {replied} 封；"
        f"又过一夜，凭回执看到回音的 {picked_up} 人。库里没有谁写的，也没有几点写的。"
    )


def welcome(
    *, wall: str, front: str, console: str, accounts: Iterable[tuple[str, str]], folder: str
) -> str:
    people = "\n".join(f"    {name}\t{display}" for name, display in accounts)
    return (
        f"演示开好了。\n"
        f"  手机墙  {wall}\n"
        f"  控制台  {console}\n"
        f"  学习与服务（意见箱）  {front}\n"
        f"  演示账号（控制台里直接切换，不用密码）\n{people}\n"
        f"  文件在 {folder}\n"
        f"按 Ctrl-C 结束。"
    )


def plug_pulled(*, reached: int, accepted: int, unknown: int, waiting: int, phones: int) -> str:
    same = (
        "一条不多，一条不少"
        if accepted + unknown == phones and unknown == 0
        else "请看不明的那几条"
    )
    return (
        f"推到 {reached} 条时拔了电源，重启后接着推完："
        f"平台已接受 {accepted}，不明 {unknown}，延后或没发 {waiting}；手机上收到 {phones} 条。{same}。"
    )


def edited(*, line: int, size: int, verdict: str, receipt: str, now: str) -> str:
    return (
        f"账上共 {size} 条，改了第 {line} 条的回答。核对程序说：{verdict}。"
        f"员工手里的回执是“第 {line} 条 · 校验 {receipt[:5]} {receipt[5:]}”，"
        f"改过的这一条算出来是 {now[:5]} {now[5:]}：就是这一条。"
    )


TEMPLATE = """学习提醒
内容：{{thing1.DATA}}
状态：{{phrase2.DATA}}"""
"""The demo's template, as it is chosen from the platform's library."""
CONSENT = "同意在服务号里收学习提醒，随时可以停"
