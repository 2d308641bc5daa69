import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.codes import Topic
from lianbot.understanding.intents import ConcernWord, Question, Unclear
from lianbot.understanding.library import Language
from lianbot.understanding.reader import Understanding, precedence

PUBLIC = {
    Topic.GIFT_OFFER: "供货商塞了两条烟，咋办？/送货的给我烟我没推掉咋弄/老板娘非要给我一箱奶",
    Topic.GIFT_RECEIVED: "人家把红包放我工具箱里走了/回家发现袋子里有张购物卡/我媳妇替我收了两瓶酒",
    Topic.KICKBACK: "供货商说每斤给我提一毛/买他的油给返点行不/介绍一单给二百能拿吗",
    Topic.BANQUET: "卖菜的请我们班吃饭能去吗/租户叫去唱歌/厂家请去外地参观",
    Topic.FESTIVAL_BENEFIT: "公司发的过节米油能领吗/工会发的东西算不算/中秋单位给的月饼",
    Topic.STUDENT_GIFT: "学生家长给我拎了一袋苹果/学生送锦旗能要吗/老师给我一百块谢我",
    Topic.BLANK_SIGN: "老板让我签空白验收单/单子没写数让我先签/昨天的货今天叫我补签",
    Topic.SHORT_WEIGHT: "称出来少了五斤，送货的说算了/牛肉看着像假的/规格跟合同不一样",
    Topic.FAKE_INVOICE: "明明换了两个灯，让我写十个/让我多写几棵树/发票金额比实际多",
    Topic.RELATED_SUPPLIER: "我表弟开粮油店，能给食堂供货吗/我老婆的店想送菜/我入了点股",
    Topic.BID_INFO: "有人问我这次食堂谁来投标/打听评委是谁/让我透个底价",
    Topic.BAD_FOOD: "过期两天的酱油还让用/昨天的剩菜叫回锅/肉有味了还要炒",
    Topic.TAKE_FOOD: "剩的馒头能带回家喂鸡不/边角肉可以拿吗/打包点剩菜行吗",
    Topic.TAKE_MATERIALS: "拆下来的旧铁管能卖了吗/纸壳子攒着卖行不/捡了个手机",
    Topic.STOCK_GAP: "盘点少了两袋米怎么办/库里数对不上/领料没开单",
    Topic.PRIVATE_COLLECT: "同事用自己的码收饭钱/停车费叫扫他微信/收了现金没票",
    Topic.BORROW_MONEY: "收的房租我先用两天再交行吗/货款垫一下家里急用/晚几天存没事吧",
    Topic.CARD_TOPUP: "老乡来打饭少刷点没事吧/帮人充饭卡/离职的卡还能用",
    Topic.RENT_UTILITY: "租户让我水表少写点/老板说房租可以免一个月吗/抄表给了包烟",
    Topic.GATE_PASS: "有车主给二十块要进来/带游客进校给钱/能扣学生的电动车吗",
    Topic.DORM_FAVOR: "学生给钱想换个下铺/收上来的电锅咋处理/拿备用钥匙开门",
    Topic.REPAIR_PRIVATE: "老师让我下班去他家修水管/修完给我五十辛苦费/用公家的水龙头",
    Topic.VEHICLE_USE: "公家的油卡给我车加一次/开单位车接孩子/修车铺给我好处",
    Topic.BOSS_ORDER: "班长叫我做假记录，不做就调岗/经理让我改数字/领导说出了事他扛",
    Topic.COWORKER_WRONG: "看见同事往包里装肉，要说吗/说了怕得罪人/装作没看见行不行",
    Topic.GHOST_WORKER: "主管让我帮没来的人打卡/借我身份证用一下/工资表上有不认识的人",
    Topic.WAGE_RIGHTS: "两个月没发工资找谁/进厂收我五百押金/身份证被公司扣了",
    Topic.LEGAL_CONSEQUENCE: "临时工拿点东西会坐牢吗/多少钱算犯法/会不会留案底",
    Topic.REPORT_PROTECT: "我想举报，不想让人知道是我/匿名真的查不到吗/领导看得见我写的吗",
    Topic.BOT_HOWTO: "不识字咋学，迟了扣不扣钱/能不能念给我听/答错了会怎样",
    Topic.CONFESS: "早先拿过回扣想退了/主动讲算不算数",
    Topic.HOW_REPORT: "举报电话多少/举报要不要证据",
    Topic.REPORT_PROGRESS: "我反映的事有结果吗/回复要等几天",
    Topic.LEAVE_TRANSFER: "我换手机号了/我下周不干了",
    Topic.PRIVACY: "你们存我什么信息/能把我的资料删了吗",
}
"""The public list of the domain reference §8b."""


@pytest.mark.parametrize(
    ("topic", "text"),
    [(topic, text) for topic, texts in PUBLIC.items() for text in texts.split("/")],
)
def test_every_public_question_gets_its_answer_or_its_button(
    understanding: Understanding, topic: Topic, text: str
) -> None:
    intent = understanding.read(text)
    assert isinstance(intent, Question)
    assert intent.topic is topic


@pytest.mark.parametrize("text", ["明天几点下雨", "帮我写个作文", "我的快递丢了", "股票能买吗"])
def test_the_public_off_topic_examples_are_refused(
    understanding: Understanding, text: str
) -> None:
    assert isinstance(understanding.read(text), Unclear)


def test_the_reason_names_words_of_the_question_and_the_runner_up(
    understanding: Understanding,
) -> None:
    intent = understanding.read("供货商塞了两条烟，咋办？")
    assert isinstance(intent, Question)
    assert "供货商" in intent.why.matched
    assert intent.why.runner_up is not None
    assert 0 < intent.why.runner_up_score < intent.score <= 1


@pytest.mark.parametrize("text", ["举报", "我要举报", "有人欺负我"])
def test_a_bare_concern_word_is_no_question(understanding: Understanding, text: str) -> None:
    assert isinstance(understanding.read(text), ConcernWord)


def test_a_concern_word_in_a_question_keeps_the_question(understanding: Understanding) -> None:
    intent = understanding.read("举报要不要证据")
    assert isinstance(intent, Question)
    assert intent.concern


def test_a_follow_up_leads_from_offer_to_received(understanding: Understanding) -> None:
    intent = understanding.read("要是拿了呢", before=Topic.GIFT_OFFER)
    assert isinstance(intent, Question)
    assert intent.topic is Topic.GIFT_RECEIVED


def test_a_follow_up_without_words_of_its_own_keeps_the_topic(
    understanding: Understanding,
) -> None:
    intent = understanding.read("那要是他问起来呢", before=Topic.BLANK_SIGN)
    assert isinstance(intent, Question)
    assert intent.topic is Topic.BLANK_SIGN


def test_the_same_words_without_a_topic_before_are_not_answered(
    understanding: Understanding,
) -> None:
    intent = understanding.read("那要是他问起来呢")
    assert isinstance(intent, Unclear) or (isinstance(intent, Question) and not intent.sure)


def test_a_clear_new_question_is_not_pulled_back(understanding: Understanding) -> None:
    intent = understanding.read("两个月没发工资找谁", before=Topic.GIFT_OFFER)
    assert isinstance(intent, Question)
    assert intent.topic is Topic.WAGE_RIGHTS


def test_off_topic_stays_off_topic_after_a_question(understanding: Understanding) -> None:
    assert isinstance(understanding.read("明天几点下雨", before=Topic.GIFT_OFFER), Unclear)


def test_the_order_of_precedence_is_that_of_the_reference() -> None:
    ranks = [
        Topic.URGENT,
        Topic.REPORT_PROTECT,
        Topic.BOSS_ORDER,
        Topic.GIFT_OFFER,
        Topic.LEGAL_CONSEQUENCE,
        Topic.HOW_REPORT,
    ]
    backwards = ranks[::-1]
    assert sorted(backwards, key=precedence) == ranks


def test_two_equal_topics_are_ordered_by_precedence() -> None:
    both = Understanding(
        Language(
            questions={Topic.HOW_REPORT: ("甲乙丙丁",), Topic.BOSS_ORDER: ("甲乙丙丁",)},
            off_topic=("天气",),
        )
    ).read("甲乙丙丁")
    assert isinstance(both, Question)
    assert both.topic is Topic.BOSS_ORDER
    assert both.offered == (Topic.HOW_REPORT,)


def test_offered_topics_are_two_when_unsure_and_at_most_one_when_sure(
    understanding: Understanding, language_texts: list[str]
) -> None:
    for text in language_texts:
        intent = understanding.read(text)
        if isinstance(intent, Question):
            assert len(intent.offered) <= 1 if intent.sure else len(intent.offered) == 2
            assert intent.sure is (intent.topic not in intent.offered)


@given(st.text(max_size=400))
def test_any_text_has_exactly_one_meaning_and_it_is_always_the_same(text: str) -> None:
    assert _SMALL.read(text) == _SMALL.read(text)


def test_a_very_long_text_is_read_like_its_beginning(understanding: Understanding) -> None:
    assert isinstance(understanding.read("供货商塞了两条烟咋办" + "啊" * 100_000), Question)


_SMALL = Understanding(
    Language(
        questions={Topic.GIFT_OFFER: ("有人送烟",), Topic.KICKBACK: ("给返点",)},
        off_topic=("下雨",),
    )
)


@pytest.fixture
def language_texts() -> list[str]:
    return [
        "班长的亲戚来打饭没给钱",
        "供货老板拉我去喝酒还给了张卡",
        "昨天少签了一张单",
        "库房里拿了点东西",
        "师傅给学生修锁",
        "钱",
    ]


def test_of_two_topics_that_both_fit_the_order_decides_and_the_other_is_a_button(
    understanding: Understanding,
) -> None:
    intent = understanding.read("举报了会不会被开除")
    assert isinstance(intent, Question)
    assert intent.topic is Topic.REPORT_PROTECT
    assert intent.sure
    assert intent.offered == (Topic.LEGAL_CONSEQUENCE,)
