"""Every answer says what it must, in the length and voice the domain reference asks for."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from lianbot.curriculum import check
from lianbot.domain.codes import Topic
from lianbot.understanding.library import Library

FILES = sorted((Path(__file__).parents[2] / "content" / "faq").glob("*.md"))
NEVER = ("元以下", "多少以下没事", "保证不", "绝对匿名", "查不到您", "不会处理您")

MUST = {
    Topic.GIFT_OFFER: ["不收", "当面退", "您就说", "当天登记", "班长"],
    Topic.GIFT_RECEIVED: ["登记", "谁送的", "别吃", "别用", "别转送", "主动交", "说了不算"],
    Topic.KICKBACK: ["一分也不能拿", "自己", "罚款", "记下来", "告诉纪检委员"],
    Topic.BANQUET: ["不去", "各付各的", "说清"],
    Topic.FESTIVAL_BENEFIT: ["名单", "统一发", "租户", "家长", "不行"],
    Topic.STUDENT_GIFT: ["谢谢", "现金", "卡券不收", "锦旗", "登记"],
    Topic.BLANK_SIGN: ["不签", "不代签", "不补签", "过秤", "写满", "两个人", "拍照"],
    Topic.SHORT_WEIGHT: ["再称", "按实写", "当场退", "两个人一起签", "食安员"],
    Topic.FAKE_INVOICE: ["不能写", "原单", "担责"],
    Topic.RELATED_SUPPLIER: ["先报告", "回避", "不能自己经手"],
    Topic.BID_INFO: ["不打听", "不传话", "不知道", "报告"],
    Topic.BAD_FOOD: ["不用", "单独放", "拍照", "食安员", "可以拒绝", "受法律保护"],
    Topic.TAKE_FOOD: ["没批准就不能带", "登记"],
    Topic.TAKE_MATERIALS: ["公家", "失主", "登记", "统一"],
    Topic.STOCK_GAP: ["别做平", "两个人", "照实情", "马上报"],
    Topic.PRIVATE_COLLECT: ["公家的码", "当天交", "告诉"],
    Topic.BORROW_MONEY: ["不行", "还上了，也是挪用", "预支", "工会", "互助"],
    Topic.CARD_TOPUP: ["按实刷", "给票", "离职的卡当天注销"],
    Topic.RENT_UTILITY: ["两个人", "拍照", "书面批条"],
    Topic.GATE_PASS: ["不收钱", "先登记", "搜身", "扣证件", "罚款"],
    Topic.DORM_FAVOR: ["系统流程", "登记", "期末还", "钥匙两个人"],
    Topic.REPAIR_PRIVATE: ["免费的活不收钱", "公料不出校", "旧件交回"],
    Topic.VEHICLE_USE: ["一车一卡", "没有派车单不动车", "旧配件带回"],
    Topic.BOSS_ORDER: ["可以拒绝", "您就说", "记下", "换一条路"],
    Topic.COWORKER_WRONG: ["别参与", "不写名字", "别当面"],
    Topic.GHOST_WORKER: ["不替", "不借", "复印件", "用途", "告诉"],
    Topic.WAGE_RIGHTS: ["您的权利", "证据", "公司", "监管员", "12333", "劳动监察", "违法"],
    Topic.LEGAL_CONSEQUENCE: ["身份不是挡箭牌", "看情节", "12348"],
    Topic.CONFESS: ["主动说明", "退", "越早越好", "可以先问", "从轻", "谁也不能打包票"],
    Topic.HOW_REPORT: [
        "三条路",
        "纪检委员",
        "12388",
        "12315",
        "12333",
        "110",
        "时间、地点、什么事",
    ],
    Topic.REPORT_PROTECT: ["只有纪检委员能打开", "不存您是谁", "报复", "诬告要负责"],
    Topic.REPORT_PROGRESS: ["回执码", "一周", "不写名字"],
    Topic.BOT_HOWTO: ["不扣钱", "不排名", "听", "找人讲", "再答"],
    Topic.LEAVE_TRANSFER: ["班长", "换岗", "换号", "删"],
    Topic.PRIVACY: ["姓名", "岗位", "不看您聊天", "不定位", "能查", "能删"],
    Topic.URGENT: ["120", "110", "119", "值班", "救不了急"],
    Topic.FALLBACK: ["答不了", "报修", "服务大厅", "班长", "有人送烟"],
}
"""The must-says of the domain reference §8a, as they stand in our words."""


def test_every_topic_has_its_must_says() -> None:
    assert set(MUST) == set(Topic)


@pytest.mark.parametrize("topic", list(Topic))
def test_an_answer_says_what_it_must(library: Library, topic: Topic) -> None:
    text = library.answers[topic].text
    assert [word for word in MUST[topic] if word not in text] == []


@pytest.mark.parametrize("topic", list(Topic))
def test_an_answer_ends_with_one_next_step_and_fits_a_card(library: Library, topic: Topic) -> None:
    text = library.answers[topic].text
    assert text.splitlines()[-1].startswith("下一步：")
    assert text.count("下一步") == 1
    assert 60 <= len(re.sub(r"\s", "", text)) <= 170


@pytest.mark.parametrize("topic", list(Topic))
def test_an_answer_promises_and_threatens_nothing(library: Library, topic: Topic) -> None:
    text = library.answers[topic].text
    assert [word for word in NEVER if word in text] == []
    assert not re.search(r"\d+(元|块|万)", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_files_own_lists_hold(path: Path) -> None:
    _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
    data = yaml.safe_load(front)
    assert [must for must in data["must_say"] if not any(w in text for w in must.split("|"))] == []
    assert [never for never in data["must_not_say"] if never in text] == []
    assert data["status"] in {"draft", "review"}
    assert data["reviewer"] is None


def test_the_content_checker_finds_nothing_in_the_answers() -> None:
    found = check(FILES[0].parents[1], today=date(2026, 12, 1))
    assert [str(finding) for finding in found if "faq/" in str(finding)] == []
