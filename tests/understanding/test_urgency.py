import pytest

from lianbot.understanding.intents import Urgent, UrgentKind
from lianbot.understanding.reader import Understanding


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("库房着火了", UrgentKind.FIRE),
        ("厨房煤气漏了怎么办", UrgentKind.FIRE),
        ("有学生吃饭后肚子疼倒下了", UrgentKind.POISON),
        ("有人要打我", UrgentKind.VIOLENCE),
        ("有人拿刀堵在门口", UrgentKind.VIOLENCE),
        ("我不想活了", UrgentKind.DESPAIR),
        ("楼顶有人要跳", UrgentKind.DESPAIR),
        ("洗碗机漏电，电着人了", UrgentKind.ELECTRIC),
        ("师傅晕倒了", UrgentKind.MEDICAL),
        ("电梯里面有人出不来", UrgentKind.TRAPPED),
        ("有个学生翻到栏杆外面不肯下来", UrgentKind.DESPAIR),
        ("油锅的火蹿到天花板了", UrgentKind.FIRE),
        ("闸刀滋啦响 手粘住了", UrgentKind.ELECTRIC),
        ("老师傅捂着心喊不应", UrgentKind.MEDICAL),
    ],
)
def test_danger_names_the_help_that_is_needed(
    understanding: Understanding, text: str, kind: UrgentKind
) -> None:
    intent = understanding.read(text)
    assert isinstance(intent, Urgent)
    assert intent.kind is kind


def test_danger_comes_before_every_other_topic(understanding: Understanding) -> None:
    assert isinstance(understanding.read("我想举报班长，他现在要打我"), Urgent)
    assert isinstance(understanding.read("供货商请吃饭，好几个学生吃完吐了"), Urgent)


@pytest.mark.parametrize(
    "text",
    [
        "打架子鼓",
        "帮同事打卡",
        "火锅怎么做",
        "消防演练着火了往哪跑",
        "老板打我电话请吃饭",
        "手机没电了",
        "大火炒菜要几分钟",
        "被打扫卫生的大姐看见了",
        "刀怎么磨",
        "菜刀不快了",
        "厨房的刀钝了",
        "电梯坏了报修电话",
        "你是男的女的",
        "坐在阳台上晒太阳",
        "油锅滋啦滋啦响",
        "爬到窗台上擦玻璃",
        "拿凳子坐会儿",
    ],
)
def test_words_that_only_look_like_danger_are_left_alone(
    understanding: Understanding, text: str
) -> None:
    assert not isinstance(understanding.read(text), Urgent)
