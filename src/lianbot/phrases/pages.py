"""Texts of the phone pages."""

from lianbot.domain.acknowledgements import Answer, Method
from lianbot.phrases.replies import REVIEW as REVIEW
from lianbot.phrases.replies import WORDING
from lianbot.phrases.replies import again as again

FRONT_TITLE = "学习与服务"
MY_RECORD = "我的记录"
PICTURE_SAYS = "图里说的"
LISTEN = "听一遍（真人念的）："
LISTEN_SLOW = "听慢速："
SYNTHETIC = "合成语音，电脑念的，不是真人："
TO_READ_OUT = "念给师傅听（录音）"
TO_APPROVE = "等您审批的"
LEADS_TOO = "这条经理和干部也收到了。"
READ_ONLY = "这是别人转来的，您可以看，不用答，也不会记您的名字。"
ANSWERED = "您已经回过："
ONE_QUESTION = "看懂没？一道小题"
NOT_QUITE = "再想想。"
AGAIN = "再选一次，不扣分。"
RIGHT = "对！"
OR_SAY = "也可以直接说："
ASK = "我想问问"
WHO_SEES = "“不同意”“做不到”只给审核人看，班长和公司看不到。没看不扣钱。"
NO_SUCH_PAGE = "没有这一页，可能已经过期。请回到聊天里点最新的一条。"
PAGE_TOO_OLD = "这一页开得太久了，请回到聊天里重新点开。"
FORM_BROKEN = "刚才没有收全，什么也没记。请回到聊天里重新点开，再点一次。"
OUR_FAULT = "是我们这边出了毛病，什么也没丢。请过一会儿再点。"
TRY_LATER = "微信那边暂时没有回应，请过一会儿再点。"
STRANGER_TITLE = "还不认得您"
STRANGER = "请用绑定过的微信或企业微信打开。还没绑的，点下面这个，或找班长要一张绑定条。"
NOT_A_LEAD = "这一页只给班长用。您要是班长，请找后勤办公室在名册里改一下。"
RECORD_INTRO = "这是您自己的记录，只说明单位告知过，不作工资、罚款、考勤用。"
NO_RECORD = "还没有记录。"
WHO_LOOKED = "谁打开过班组名单，为了什么"
NOBODY_LOOKED = "还没有人打开过。"
WHAT_WE_KEEP = "我们只存姓名、岗位和学习记录，不看聊天，不定位。想查想删，请找后勤办公室。"
TEAM_TITLE = "班前会"
TEAM_INTRO = "点开念一念，在场的打勾。只看人数，不看谁没看。"
ON_LIST = "名单"
HAVE_ANSWERED = "已回"
READ_ALOUD_COUNT = "念过"
LEFT_ALOUD = "手机没收到或一直没回，请念给他们听："
PEOPLE = "人"
NO_PUSHES = "最近没有要念的。"
READING_TITLE = "念给大家听"
TICK = "念完了，在场的打勾："
SAVE_PRESENT = "记下在场的人"
PRESENT_NOTE = "打勾只说明当时在场听了，记录里会写明是班长代记。"
PRESENT = "班前会在场"

METHODS: dict[Method, str] = {
    Method.TAP: "点按钮",
    Method.QUIZ: "答题",
    Method.REPLY: "打字回",
    Method.ASSISTED: "班前会听的",
    Method.PAPER: "纸上签的",
}

WITNESSED = "在场听过（班长代记）"


def in_my_record(answer: Answer, method: Method) -> str:
    """The person's own words and how they came; who was only present has not said 懂了."""
    return WITNESSED if method is Method.ASSISTED else f"{WORDING[answer]} · {METHODS[method]}"


def kept(count: int) -> str:
    return f"记下 {count} 人，谢谢班长。" if count else "还没有打勾，一个也没记。"


OUTDATED = "这条后来更正过，请看更正；原来的确认还在账上。"
