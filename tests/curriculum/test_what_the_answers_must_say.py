"""Each topic's answer without which it would be wrong, and what no answer may say: the gist, held here beside the files."""

import re
from pathlib import Path

import pytest

from lianbot.curriculum import load
from lianbot.curriculum.records import FaqPart
from lianbot.domain.codes import ItemType, Topic

SHIPPED = Path(__file__).parents[2] / "content"

GIST: dict[Topic, tuple[str, ...]] = {
    Topic.GIFT_OFFER: ("不收", "当面退", "您就说", "登记", "班长|纪检"),
    Topic.GIFT_RECEIVED: ("今天|尽快", "谁", "哪天", "别吃|别用|别转送", "主动", "怎么定|不保证"),
    Topic.KICKBACK: ("一分|一毛", "不能拿", "给自己|进自己", "罚", "判", "记下|告诉"),
    Topic.BANQUET: ("不去", "AA|各付各的", "说清|说一声"),
    Topic.FESTIVAL_BENEFIT: ("名单", "统一发", "供货商", "租户", "家长"),
    Topic.STUDENT_GIFT: ("谢", "现金", "不收", "锦旗", "登记"),
    Topic.BLANK_SIGN: ("不签", "不代签|不替", "补签", "过秤", "两个人|两人", "拍照"),
    Topic.SHORT_WEIGHT: ("复秤|再称", "按实", "当场", "退|扣", "两个人|两人", "食安员|班长"),
    Topic.FAKE_INVOICE: ("不配合|不写|不能写", "原单|原来的单子", "责任|担责"),
    Topic.RELATED_SUPPLIER: ("报告|先报", "回避|让开", "不能自己|别经手"),
    Topic.BID_INFO: ("不打听|不问", "不传", "不知道", "报告|告诉"),
    Topic.BAD_FOOD: ("停|不用", "放一边|隔离", "拍照", "食安员", "可以拒绝|可以不做", "保护"),
    Topic.TAKE_FOOD: ("没批准|没有批准", "不能带", "登记"),
    Topic.TAKE_MATERIALS: ("公家", "失主", "登记", "交"),
    Topic.STOCK_GAP: ("别做平|不要做平", "两个人|两人", "实", "马上"),
    Topic.PRIVATE_COLLECT: ("公家|单位", "当天", "报|告诉"),
    Topic.BORROW_MONEY: ("不行|不能", "还上", "挪用", "预支|工会|互助"),
    Topic.CARD_TOPUP: ("按实", "票|小条", "当天"),
    Topic.RENT_UTILITY: ("两个人|两人", "拍照", "书面"),
    Topic.GATE_PASS: ("不收", "登记", "搜", "扣", "罚"),
    Topic.DORM_FAVOR: ("系统|流程", "登记", "还", "两个人|两人"),
    Topic.REPAIR_PRIVATE: ("不收", "公料|公家的料", "旧件"),
    Topic.VEHICLE_USE: ("一车一卡", "派车单", "旧件|旧配件"),
    Topic.BOSS_ORDER: ("可以拒绝|可以不做", "“", "记|留", "别的路|换一条路"),
    Topic.COWORKER_WRONG: ("不参与|别参与", "匿名|不写名字", "当面"),
    Topic.GHOST_WORKER: ("不替|不代", "不借", "用途"),
    Topic.WAGE_RIGHTS: ("权利", "证据", "公司", "监管员", "12333", "押金", "证"),
    Topic.LEGAL_CONSEQUENCE: ("临时工", "身份", "看情节|看情况", "12348", "少也不行"),
    Topic.CONFESS: ("主动", "退", "越早越好", "先问", "从轻", "打包票|怎么定"),
    Topic.HOW_REPORT: ("意见箱", "纪检", "12388", "12315", "12333", "110", "时间", "地点"),
    Topic.REPORT_PROTECT: ("纪检委员", "不写名字|不记名", "不存", "报复", "乱编|诬告"),
    Topic.REPORT_PROGRESS: ("回执码|编号", "查", "天|周"),
    Topic.BOT_HOWTO: ("不扣钱", "不排名", "听", "找人讲", "再答"),
    Topic.LEAVE_TRANSFER: ("班长", "换岗", "换号", "删"),
    Topic.PRIVACY: ("姓名", "岗位", "聊天", "定位", "查", "删"),
    Topic.URGENT: ("120", "110", "119", "值班|班长", "救不了|不能救"),
    Topic.FALLBACK: ("班长|服务大厅", "报修", "送烟咋办？", "空白单咋办？", "工资没发找谁？"),
}
NEVER = ("保证没事", "不会判", "绝对匿名", "谁也查不到", "肯定不会", "一定不追究")
SUM = re.compile(r"[0-9一二三四五六七八九十百千万]+\s*(?:元|块|万)(?:以下|以内|以上)")


@pytest.fixture(scope="module")
def answers():
    return {one.topic: one for one in load(SHIPPED).of_type(ItemType.FAQ)}


def test_the_gist_knows_every_topic():
    assert set(GIST) == set(Topic)


@pytest.mark.parametrize("topic", list(Topic))
def test_an_answer_says_what_it_must_and_ends_with_one_next_step(answers, topic):
    text = answers[topic].text
    missing = [
        words for words in GIST[topic] if not any(word in text for word in words.split("|"))
    ]
    assert missing == []
    last = text.strip().split("\n")[-1]
    assert topic is Topic.FALLBACK or last.startswith("下一步：")
    assert text.count("下一步：") <= 1


@pytest.mark.parametrize("topic", list(Topic))
def test_no_answer_promises_judges_or_names_a_sum(answers, topic):
    item = answers[topic]
    assert isinstance(item.part, FaqPart)
    assert item.part.must_not_say
    assert [word for word in NEVER if word in item.text] == []
    assert SUM.search(item.text) is None
