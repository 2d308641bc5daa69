"""Every rule of the checker on one page: its id, what it says to the editor, and the mend."""

from dataclasses import dataclass
from typing import Final

from lianbot.curriculum.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Advice:
    message: str
    suggestion: str
    severity: Severity = Severity.ERROR


_WARN: Final = Severity.WARNING

ADVICE: Final[dict[str, Advice]] = {
    # the file itself
    "unreadable": Advice("文件不是 UTF-8 文本", "用 UTF-8 编码另存"),
    "no-file": Advice("打不开这个文件：{detail}", "看看是不是文件夹、断了的链接，或者没有权限"),
    "file-large": Advice("文件 {value} KB，太大", "一个文件只放一条内容，不超过 {limit} KB"),
    "hidden-character": Advice(
        "有看不见的字符 {value}", "删掉重打；空格用普通空格，不用制表符（Tab）"
    ),
    "front-matter": Advice(
        "开头没有两行 --- 夹住的字段：{detail}", "照 docs/content.md 的样子补上"
    ),
    "yaml": Advice("字段写法读不懂：{detail}", "检查缩进、冒号后的空格和引号"),
    "yaml-form": Advice("字段写法不收：{detail}", "把值直接写出来，不引用、不套层"),
    "duplicate-key": Advice("字段 {field} 写了两次", "只留一个"),
    "field-missing": Advice("缺字段 {field}", "补上 {field}：{detail}"),
    "field-unknown": Advice("不认识字段 {field}", "{detail}"),
    "field-value": Advice("字段 {field} 的值不对：{detail}", "改成 {expected}"),
    "unknown-code": Advice("{field} 里的 {value} 不在代码表里", "{detail}"),
    "all-posts": Advice(
        "{type} 不能写 ALL", "把岗位代码一个个列出来；ALL 只给 policy、faq、reminder"
    ),
    "section": Advice("不认识小节“{value}”", "可用的小节：{detail}"),
    "section-missing": Advice("缺小节“{value}”", "加上 ## {value}"),
    "empty-text": Advice("没有正文", "在字段后面写给师傅看的话"),
    "stray-text": Advice(
        "题目文件不写正文", "题干、选项、道理都写在字段里；要留话写在“## 编者注”下"
    ),
    # names of items
    "id-form": Advice("编号 {value} 不合规矩", "写成 {expected}"),
    "id-file": Advice("文件名和编号 {value} 不一样", "文件改名为 {value}.md"),
    "folder": Advice("{type} 放错了文件夹", "移到 {expected}/"),
    "folder-unknown": Advice(
        "这个文件夹里的内容不会被读到",
        "移到这些文件夹之一：{expected}；检查时给的是 content 目录吗？",
    ),
    "suffix": Advice("{value} 不会被读到", "文件名的结尾改成 {expected}，不用的移出去"),
    "no-directory": Advice("没有目录 {value}", "检查路径，给出放内容的目录"),
    "duplicate-id": Advice("编号 {value} 已经用在 {other}", "换一个没用过的编号，编号永不重用"),
    # who wrote, who answers, how long
    "reviewer-missing": Advice("已批准的内容没有审核人", "先由另一个人审核，再改状态"),
    "reviewer-author": Advice("审核人和作者是同一个", "换一个人审核：写的人不批"),
    "reviewer-nobody": Advice("{field} 写的是“{value}”，不是一个人", "还没有人审核就写 null"),
    "legal-reviewer": Advice(
        "引用了法规，却没有法务审核人", "补 legal_reviewer，或删掉 legal_basis"
    ),
    "span": Advice("有效期 {days} 天，太长", "valid_until 不晚于 {expected}"),
    "span-order": Advice("结束日早于开始日", "检查 valid_from 和 valid_until"),
    "expired": Advice("已经过期（{value}）", "重新核对后改日期，或者把 status 改成 retired"),
    "material": Advice(
        "第 {value} 版没说是不是实质修改", "写 material: true（旧确认作废）或 false（只改错字）"
    ),
    # law and money
    "law-incomplete": Advice("法规依据缺 {field}", "写全 law、article、edition、checked"),
    "law-article": Advice(
        "条号“{value}”不成样子", '写数字，如 "41"、253之一；只按题目引用写 全文'
    ),
    "law-dates": Advice("{value}：{detail}", "打开现行文本重新核对，写上那天的日期"),
    "law-unlisted": Advice(
        "文中提到《{value}》，依据里没有", "在 legal_basis 写上条号、版本和核对日"
    ),
    "law-article-in-text": Advice(
        "文中写了条号，依据是空的", "补 legal_basis；给师傅看的话里最好不写条号"
    ),
    "law-register": Advice("{detail}", "照 content/laws.yaml 改，或先把新版本登记进去", _WARN),
    "law-unconfirmed": Advice(
        "{value} 还没核实过", "status 先用 draft，核实后写进 content/laws.yaml"
    ),
    "threshold": Advice("罪名旁边写了数额线：{value}", "删掉数额，改成“少也不行，会累计”"),
    "sum-with-crime": Advice(
        "钱数和罪名挨在一起：{value}", "删掉数额，改成“一次拿一点，拿了四年”：不让人以为有“安全数”"
    ),
    "party-rule": Advice("对非党员写了“{value}”", "改成学校规定、公司规定"),
    "case-source": Advice(
        "真实案例没有打开过的 A 级来源",
        "status 先用 draft；补 A 级来源和打开日期，或改写成情景案例",
    ),
    # people, places
    "person-name": Advice("像人名：{value}", "改成岗位：一位师傅、班长、司机"),
    "id-number": Advice("像身份证号：{value}", "删掉"),
    "phone": Advice("像电话号码：{value}", "删掉；公开热线只写 12388 这类短号"),
    "contact": Advice("像账号、邮箱、车牌或一长串号码：{value}", "删掉"),
    "link": Advice("写了网址：{value}", "删掉；要打开的页面由系统加链接"),
    "place": Advice("像地名：{value}", "{detail}"),
    "unit-name": Advice("像单位名称：{value}", "改成“一所高校”“一家公司”"),
    # length and plain words
    "title-long": Advice("标题 {value} 个字", "不超过 16 个字"),
    "too-long": Advice(
        "{field} {value} 个字，超过 {limit}", "删到 {limit} 个字以内，一条只讲一件事"
    ),
    "text-variant": Advice("variants 里写了 text: false", "改成 true：光有文字也要看得懂"),
    "length": Advice("{field} {value} 个字", "最好在 {expected} 个字之间", _WARN),
    "bytes": Advice("{field} {value} 字节，超过 {limit}", "平台会截断，缩短"),
    "voice-long": Advice("语音稿 {value} 个字，念完要 {seconds} 秒", "不超过 {limit} 个字"),
    "markup": Advice("正文里有标记 {value}", "微信里看到的是纯文字，去掉标记"),
    "sentence-average": Advice("平均一句 {value} 个字", "不超过 13：把长句拆成两句"),
    "sentence-long": Advice("这句 {value} 个字：{detail}", "不超过 22：拆成两句"),
    "rare-characters": Advice("生僻字：{value}", "换成常用字，常用字要占 99% 以上"),
    "jargon": Advice("术语 {value} 个：{detail}", "最多 1 个。{mend}"),
    "jargon-one": Advice("术语：{detail}", "{mend}", _WARN),
    "tone": Advice("口号或训人的话：{value}", "换成一句师傅平时说的话", _WARN),
    "readability-stale": Advice("readability 和正文对不上", "删掉这一栏，检查程序会重新写", _WARN),
    # questions
    "quiz-variants": Advice("只有 {value} 道题", "每课至少 3 道不同的题"),
    "quiz-unknown": Advice("题目 {value} 不存在", "建 content/quizzes/{value}.md，或改编号"),
    "quiz-other-lesson": Advice("题目 {value} 写的是 {other} 的题", "改 variant_of，两边要对上"),
    "quiz-unlisted": Advice("{other} 的 quiz 里没有这道题", "在 {other} 里加上 {value}"),
    "quiz-differs": Advice("{field} 和 {other} 不一样", "题目跟着课走，改成一样"),
    "quiz-outlives": Advice("题目比课 {other} 晚到期", "valid_until 不晚于课的"),
    "quiz-wording": Advice(
        "问法不好：“{value}”", "只问一件事：您怎么办？不用“哪些”“不正确”“以上都对”"
    ),
    "quiz-options": Advice("选项有重复", "2 到 3 个不同的选项"),
    "quiz-answer": Advice("答案 {value} 没有对应的选项", "写 A、B 或 C"),
    # pictures, voice
    "media-missing": Advice("找不到文件 {value}", "放到 content/{value}，或写 null"),
    "media-place": Advice(
        "文件路径不对：{value}",
        "图片写 media/名字.png（画好用 lianbot content draw），语音写 voice/名字.amr 或 .mp3",
    ),
    "picture-twin": Advice(
        "有图片，没有文字版", "加“## 图片文字版”：看不见图的人也要知道说了什么"
    ),
    "picture-unsafe": Advice("图片里有 {value}", "只用图形和文字，不用脚本、外部链接"),
    "picture-file": Advice("图片不合用：{detail}", "PNG 或 JPG，长宽不超过 1080，不超过 300 KB"),
    "voice-file": Advice("语音文件不合用：{detail}", "不超过 60 秒、2 MB，格式 .amr 或 .mp3"),
    # answers, reminders, tables, shelves
    "must-say": Advice("回答里少了“{value}”", "加上这个意思，少了就答错了"),
    "must-not-say": Advice("回答里出现了“{value}”", "删掉"),
    "promise": Advice("许了办不到的愿：“{value}”", "不许诺不处罚，不许诺绝对查不到"),
    "faq-twice": Advice("主题 {value} 已经有回答：{other}", "一个主题一个回答"),
    "node": Advice("节点 {value} 不在 calendar.yaml 里", "{detail}"),
    "reminder-id": Advice(
        "编号 {value} 和字段里的天数、组别对不上",
        "编号最后一段应该是 {expected}，或者改 offset_days、rotate_group",
    ),
    "rotate-group": Advice("没有 {value} 组", "写 A、B 或 C"),
    "rotation": Advice("{value} 只有 {detail} 组", "A、B、C 三组轮换，年年不重样", _WARN),
    "questions": Advice("想一想要两个问题，现在 {value} 个", "写两个"),
    "card-lines": Advice("三色卡少了“{value}”", "三行：红：… 黄：… 绿：…"),
    "table": Advice("{detail}", "{expected}"),
    "table-codes": Advice("{field} 缺 {value}", "每个代码都要有一条"),
    "course-item": Advice("课程表里的 {value} 不存在", "改成 content/ 里有的编号"),
    "course-audience": Advice(
        "{value} 不是给 {detail} 的", "换一条，或在那条内容里加上岗位、层级"
    ),
    "course-draft": Advice(
        "{value} 还是 draft，轮到它时不会发", "核实后改成 review，或先拿下来", _WARN
    ),
    "course-twice": Advice("{value} 在课程表里排了两次", "只排一次；复习由系统安排"),
}


def advise(rule: str, file: str, line: int, **values: object) -> Finding:
    """The finding of `rule` at that place; `values` fill the two sentences."""
    advice = ADVICE[rule]
    return Finding(
        file=file,
        line=line,
        rule=rule,
        message=advice.message.format(**values),
        suggestion=advice.suggestion.format(**values),
        severity=advice.severity,
    )
