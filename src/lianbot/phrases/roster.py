"""What roster import and export tell the person at the desk: faults with the mend, notes, labels of columns."""

from collections.abc import Iterable, Mapping, Sequence

from lianbot.domain.codes import Post
from lianbot.domain.people import Employment
from lianbot.domain.roster import (
    Column,
    Left,
    PostQuestion,
    RosterDiff,
    RowOutcome,
    RowRef,
    Verdict,
)

COLUMN_NAMES: dict[Column, str] = {
    Column.NUMBER: "工号",
    Column.NAME: "姓名",
    Column.PHONE: "手机号",
    Column.CONTRACTOR: "外包公司",
    Column.TEAM: "班组",
    Column.SITE: "校区",
    Column.POST: "岗位",
    Column.LEVEL: "级别",
    Column.EMPLOYMENT: "用工形式",
    Column.SHIFT: "班次",
    Column.STARTED: "入职日期",
    Column.ENDED: "离职日期",
    Column.STATUS: "在职状态",
    Column.WECOM: "企业微信账号",
    Column.TAGS: "标签",
}

VERDICT_NAMES: dict[Verdict, str] = {
    Verdict.JOINED: "新增",
    Verdict.LEFT: "离职",
    Verdict.MOVED: "调动",
    Verdict.CHANGED: "变更",
    Verdict.UNCHANGED: "不变",
    Verdict.QUESTION: "待回答",
    Verdict.ERROR: "有误",
}

EMPLOYMENT_NAMES: dict[Employment, str] = {
    Employment.PERMANENT: "在编",
    Employment.SCHOOL_CONTRACT: "学校自聘",
    Employment.DISPATCHED: "劳务派遣",
    Employment.OUTSOURCED: "外包",
    Employment.REHIRED: "退休返聘",
    Employment.TEMPORARY: "临时工",
}

FIELD_NAMES: dict[str, str] = {
    "number": "工号",
    "name": "姓名",
    "phone": "手机号",
    "contractor": "外包公司",
    "team": "班组",
    "site": "校区",
    "posts": "岗位",
    "level": "级别",
    "employment": "用工形式",
    "shift": "班次",
    "started": "入职日期",
    "wecom": "企业微信账号",
    "tags": "标签",
}

RESULT_COLUMN = "处理结果"
SUMMARY_SHEET = "汇总"
ROSTER_SHEET = "花名册"

# ---- the file -------------------------------------------------------------------------------------------------

FILE_MISSING = "没有这个文件，请检查路径"
FILE_EMPTY = "文件是空的，请换成有内容的花名册"
FILE_BROKEN = "文件打不开，可能已损坏：请用 Excel 或 WPS 打开后另存为 xlsx 再导入"
FILE_LOCKED = "文件有打开密码：请在 Excel 或 WPS 里取消密码、另存后再导入"
FILE_BOMB = "文件解开后太大，不是正常的花名册：请只把人员那几列另存为新的 xlsx"
FILE_IS_HTML = "内容其实是网页，不是表格：请用 Excel 打开后另存为 xlsx"
FILE_UNREADABLE_TEXT = "文字编码认不出来：请在 Excel 里另存为“CSV UTF-8”或 xlsx"
NO_HEAD = "没有找到表头：要有一行写着“姓名”，以及手机号、工号、公司、班组、岗位中的至少一项"
TWO_TABLES_BESIDE = "同一行有两个“姓名”列，像是左右并排的两张表：请上下接成一张再导入"


def file_too_large(limit_mb: int) -> str:
    return f"文件超过 {limit_mb} MB：请只留花名册，删去图片和别的表，或拆成几个文件"


def too_many_rows(limit: int) -> str:
    return f"超过 {limit:,} 行：请拆成几个文件"


def sheet_too_far(limit_rows: int, limit_columns: int) -> str:
    return (
        f"最后一格太远（上限 {limit_rows:,} 行、{limit_columns} 列，或总格数过多）："
        "请删去表下面的空行和右边的空列，另存后再导入"
    )


def wrong_extension(extension: str, really: str) -> str:
    return f"扩展名是 {extension or '（无）'}，内容却是{really}：请改成对的扩展名，或另存为 xlsx"


def unknown_extension(extension: str) -> str:
    return f"不认得扩展名 {extension or '（无）'}：请另存为 xlsx 或 csv"


def csv_fault(line: int) -> str:
    return f"第 {line} 行附近引号不成对或内容过长：请在 Excel 里打开检查，另存为 xlsx"


def place(file: str, sheet: str | None = None, row: int | None = None) -> str:
    parts = [file]
    if sheet:
        parts.append(f"工作表“{sheet}”")
    if row:
        parts.append(f"第 {row} 行")
    return " ".join(parts)


# ---- what was left out ----------------------------------------------------------------------------------------

HIDDEN_SHEET = "隐藏的工作表，没有读取；要导入请先取消隐藏"
SHEET_WITHOUT_HEAD = "没有找到表头，整张表没有读取"
REMARK_ROW = "像是说明或合计，没有当作员工"
NOBODY_ROW = "没有姓名、工号和手机号，没有当作员工"


def dropped_columns(labels: Iterable[str]) -> str:
    return "没有读取这些列（不需要，也不保存）：" + "、".join(labels)


def second_column(label: str, used: str, column: Column) -> str:
    return f"“{label}”和“{used}”都像{COLUMN_NAMES[column]}，用了“{used}”"


def private_value(label: str) -> str:
    return f"“{label}”里有像身份证号或银行卡号的数字，没有保留"


# ---- rows -----------------------------------------------------------------------------------------------------

NO_NAME = "没有姓名，请补上"
NO_POST = "没有岗位，请补上"
NO_CONTRACTOR = "不知道是哪家公司：加一列“公司”，或导入时只点名一家公司"
NO_TEAM = "没有班组，请补上"
NO_SITE = "没有校区，请补上（新班组、新人要写）"
NAME_WRONG = "姓名看着不对（只写姓名，不带数字和说明）"
NUMBER_PRIVATE = "工号像身份证号或银行卡号，没有保留：请改用工号，或空着由系统编号"
NUMBER_WRONG = "工号只用字母、数字和 - _ .，最多 32 个字"
NUMBER_OURS = "这个编号是本系统的样式，但没有发出过：请改用学校工号，或空着由系统编号"
PHONE_TWO = "一格只写一个手机号"
PHONE_WRONG = "手机号不对：要 11 位数字；没有手机就空着"
PHONE_SCIENTIFIC = "手机号变成了科学计数法，位数已经丢了：请把该列设为“文本”后重填"
CELL_PRIVATE = "像身份证号或银行卡号，没有保留：请改正这一格"
TWINS_UNCLEAR = "同一公司里同名，又没有工号和手机号，分不清：请补手机号或工号"
TWINS_ON_ROSTER = "名单里有几个同名的人，对不上是哪一个：请补工号"
ENDED_UNKNOWN = "写的是已离职，名单里也没有在职记录，不处理"
NUMBERS_MIXED = "这个人在表里写了几行，有的有工号、有的没有：请都写上"
PARTNER_FAULTY = "与另一行是同一人，那一行有误，一起先不导入"


def contractor_unknown(name: str) -> str:
    return f"名单里没有公司“{name}”：写法请与名单一致；确是新公司，导入时点名它"


def cell_unreadable(column: Column, value: str, mend: str) -> str:
    return f"{COLUMN_NAMES[column]}“{value[:20]}”看不懂：{mend}"


DATE_MEND = "写成 2026-03-01 这样"
LEVEL_MEND = "写 L1 到 L6，或空着"
EMPLOYMENT_MEND = "写 在编、学校自聘、劳务派遣、外包、退休返聘、临时工 之一，或空着"
STATUS_MEND = "写 在职 或 离职"
WECOM_MEND = "写通讯录里的账号，不是昵称"
STATUS_CROSSED = "写着在职，离职日期却已经过了，请改正一处"
DATES_CROSSED = "离职日期早于入职日期，请改正"


def same_number(rows: Sequence[RowRef], reason: str) -> str:
    return f"工号与{row_list(rows)}相同{reason}：请改正后再导入"


NAMES_DIFFER = "，但姓名不同"
SAME_POST_TWICE = "，岗位也相同，像是重复的行"


def same_person_twice(rows: Sequence[RowRef]) -> str:
    return f"与{row_list(rows)}重复（同名、同手机号、同岗位）：请删去一行"


def same_account(rows: Sequence[RowRef]) -> str:
    return f"企业微信账号与{row_list(rows)}相同：一个账号只能绑一个人"


def account_taken(name: str) -> str:
    return f"企业微信账号已经绑给“{name}”：请先核对，再到控制台解绑"


def number_of_leaver(name: str) -> str:
    return f"这个工号以前是“{name}”的，工号不重复使用：请换一个，或空着由系统编号"


def number_elsewhere(contractor: str) -> str:
    return (
        f"这个工号在“{contractor}”已有别人在用：请核对；若是公司自己的编号，"
        "导入时选“不用工号列”，由系统编号"
    )


def number_is_others(name: str) -> str:
    return f"这个工号是“{name}”的，工号不转给别人：请换一个，或空着由系统编号"


def row_list(rows: Sequence[RowRef]) -> str:
    shown = "、".join(f"“{r.sheet}”第 {r.row} 行" for r in rows[:3])
    return shown + (f"等 {len(rows)} 行" if len(rows) > 3 else "")


# ---- questions ------------------------------------------------------------------------------------------------


def post_unknown(words: Iterable[str]) -> str:
    return "岗位还没有对应：" + "、".join(f"{word} → ？" for word in words)


def ask_post(contractor: str, word: str, rows: int, suggestions: Iterable[str]) -> str:
    hint = "、".join(suggestions)
    return f"{contractor}：岗位“{word}”（{rows} 行）对应哪个岗位？" + (
        f"（像是 {hint}）" if hint else ""
    )


def ask_new_phone(name: str) -> str:
    return f"名单里有一位“{name}”，手机号不同：是同一个人换了号吗？（不是，就当新人）"


def ask_new_name(number: str, old: str, new: str) -> str:
    return f"工号 {number} 在名单里是“{old}”，表里是“{new}”：是同一个人吗？（不是，请换工号）"


def ask_moved(name: str, contractor: str, number: str) -> str:
    return (
        f"“{contractor}”也有一位“{name}”，工号同是 {number}、手机号不同：是同一个人换了公司吗？"
        "（不是，请换工号）"
    )


def ask_new_number(name: str, old: str, new: str) -> str:
    return (
        f"“{name}”在名单里的工号是 {old}，表里是 {new}：是同一个人换了工号吗？（不是，就当新人）"
    )


def second_yes(contractor: str, leavers: int, current: int) -> str:
    share = round(100 * leavers / current)
    return f"“{contractor}”在职 {current} 人，按这份表有 {leavers} 人离职（{share}%）：请确认文件是完整的"


REFUSED_SECOND_YES = "离职人数过多，没有导入：核对后再确认一次"
REFUSED_FAULTY = "有行出错或待回答，没有导入：改好再来，或明确选择“错的先放一边，只导入好的”"
NOTHING_TO_DO = "与名单完全一致，没有要改的"
ROSTER_MOVED = "比对之后名单又变了：请重新比对再导入，这次什么都没有写"

# ---- what was done --------------------------------------------------------------------------------------------


def joined(number: str, returning: bool) -> str:
    return f"{'复职，' if returning else ''}工号 {number}"


def updated(fields: Iterable[str]) -> str:
    return "、".join(FIELD_NAMES[f] for f in fields)


def second_row(row: RowRef) -> str:
    return f"与“{row.sheet}”第 {row.row} 行是同一人，岗位合在一起"


LEFT_SAID = "离职"
UNCHANGED = "不变"


def summary(diff: RosterDiff) -> str:
    return " · ".join(f"{VERDICT_NAMES[v]} {diff.count(v)}" for v in Verdict)


# ---- the result workbook --------------------------------------------------------------------------------------

SUMMARY_HEAD = ("事项", "公司/工作表", "数/行号", "说明")
SUMMARY_ALARM = "离职过多"
SUMMARY_LEFT = "离职名单"
SUMMARY_QUESTION = "待回答"
SUMMARY_DROPPED = "没有读取的列"
SUMMARY_NOTE = "说明"
SUMMARY_NEW = "将新建"


def verdict_text(outcome: RowOutcome) -> str:
    """处理结果: the word first, so that it can be filtered, then the reason."""
    name = VERDICT_NAMES[outcome.verdict]
    return name if outcome.text in ("", name) else f"{name}｜{outcome.text}"


def leaver(left: Left) -> str:
    how = "不在这份表里" if left.inferred else f"表里写明，{left.on.isoformat()}"
    return f"{left.name}（工号 {left.number}）：{how}"


def post_question(question: PostQuestion, names: Mapping[Post, str] | None = None) -> str:
    """`names`: the posts' Chinese names from the profiles; without them the codes are shown."""
    hints = [(names or {}).get(post, post.value) for post in question.suggestions]
    return ask_post(question.contractor, question.word, len(question.rows), hints)


def new_contractor(name: str) -> str:
    return f"公司“{name}”"


def new_site(name: str) -> str:
    return f"校区“{name}”"


def new_team(name: str, site: str) -> str:
    return f"班组“{name}”（{site}）"


# ---- names of posts, for export and re-import -----------------------------------------------------------------


def post_list(posts: Iterable[Post], names: dict[Post, str]) -> str:
    return "/".join(names.get(post, post.value) for post in posts)
