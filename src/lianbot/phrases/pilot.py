"""What the pilot walk says to the person who holds the phones."""

TITLE = "三部手机试走一遍"
DO: dict[str, str] = {
    "bind": "第 1 步 绑定：请本人扫绑定条，回“是我”。已经绑好的，不用再扫。",
    "push": "第 2 步 推送：请把批准过的一份推送发给这个工号（试点名单里要有），看手机收到什么。",
    "tap": "第 3 步 点一下：请本人在卡片上点“懂了”，或打开那一页答题。",
    "reply": "第 4 步 打字：请本人在聊天里回“找人讲”。",
}
SHOWN: dict[str, str] = {
    "push": "手机上看到的是什么？",
    "tap": "点完以后，手机上变成什么样？",
    "reply": "回了以后，手机上收到回话了吗？",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "push": (
        "带按钮的卡片",
        "图文卡片，点开是一页",
        "一段文字和一个链接",
        "“请在企业微信中查看”",
        "什么也没收到",
    ),
    "tap": ("按钮变灰，写着已确认", "页面上写着记下了", "没有变化"),
    "reply": ("收到了回话", "没有收到"),
}
NOT_WHOLE = "没有走完：三部手机、每部四步都看到了才算走完。没走到的步在文件里写着。"
NOT_SAID = "没有回答"
HONEST = "“seen”是数据库里真有的行；“said”是拿手机的人说的，系统看不见屏幕。没走到的步就是没走到。"
REHEARSAL = f"这是对着平台替身的排练，不是真手机。{HONEST}"


def phone(number: str) -> str:
    return f"—— 工号 {number} 的手机 ——"


def result(step: str, happened: bool) -> str:
    return f"{'✓ 看到了' if happened else '✗ 等到时间也没有'}（{step}）"
