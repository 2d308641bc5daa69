"""What the bot says back in a chat: receipts, and the lines around them."""

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.messages import CardButton

WORDING: dict[Answer, str] = {
    Answer.UNDERSTOOD: "懂了",
    Answer.NOT_UNDERSTOOD: "没看懂",
    Answer.DISAGREE: "不同意",
    Answer.CANNOT: "做不到",
    Answer.ASK_SOMEONE: "找人讲",
}
"""The words on the buttons; they go into the ledger's detail."""

CARD_ANSWERS = (Answer.UNDERSTOOD, Answer.NOT_UNDERSTOOD, Answer.CANNOT, Answer.ASK_SOMEONE)
"""On a card; 不同意 stands on the page beside them."""
CARD_BUTTONS = tuple(CardButton(key=one.value, label=WORDING[one]) for one in CARD_ANSWERS)

BULLETIN_LINE = "意见箱的公告在“学习与服务”里，每周一换。"
"""As a line of the weekly lesson (design §5)."""

LINK_LABEL = "看全文和一道题"

AFTER_TAP: dict[Answer, str] = {
    Answer.UNDERSTOOD: "已确认",
    Answer.NOT_UNDERSTOOD: "已记下，有人来讲",
    Answer.DISAGREE: "已转给审核人",
    Answer.CANNOT: "已转给审核人",
    Answer.ASK_SOMEONE: "已记下，有人来讲",
}
"""What stands on the greyed card after the tap (≤ 10 characters)."""

THANKS: dict[Answer, str] = {
    Answer.UNDERSTOOD: "记下了，谢谢您。",
    Answer.NOT_UNDERSTOOD: "没关系，记下了，班长会当面讲给您听。",
    Answer.DISAGREE: "记下了。您的意见只给审核人看，不给班长和公司看。",
    Answer.CANNOT: "记下了。哪里做不到，审核人会来看，不给班长和公司看。",
    Answer.ASK_SOMEONE: "记下了，会有人当面讲给您听。",
}

NOTHING_LATEST = "最近没有发给您的内容。想问事情，直接打字就行。"


def latest(title: str, page: str, kind: str) -> str:
    """What the menu's 学一条 leads to: the same page for all three, it has the text and the question."""
    more = {"quiz": "题目在这一页的下面。", "voice": "不方便看的，回“找人讲”，班长当面念给您听。"}
    return f"《{title}》\n{page}\n{more.get(kind, '')}".rstrip()


def my_record(page: str) -> str:
    return f"您自己的记录，只有您打得开：\n{page}"


NOT_KEPT = "没记上，请再点一次。"
NOTHING_OPEN = "现在没有要回的内容。想问事情，直接打字就行。"


REVIEW = "复习"


def again(title: str) -> str:
    """A question that was asked before says so: nobody wonders why the old lesson is back."""
    return f"{REVIEW}：{title}"


def receipt(seq: int, leaf_start: str) -> str:
    """The worker's receipt as the evidence page has it."""
    return f"第 {seq} 条 · 校验 {leaf_start[:5]} {leaf_start[5:]}"


def thanks(answer: Answer, seq: int, leaf_start: str) -> str:
    return f"{THANKS[answer]}\n{receipt(seq, leaf_start)}"


def screen_text(text: str, labels: tuple[str, ...]) -> str:
    """A screen as plain text: each button on a line of its own, to be typed as it stands."""
    if not labels:
        return text
    return "\n".join([text, *(f"· {label}" for label in labels)])


HELD = "有给您的一课还没送到，到您方便的时段就发过来。"
