"""Which words at the head of a column mean what, and which columns are never looked at."""

import re
import unicodedata
from collections.abc import Sequence

from lianbot.domain.roster import Column

# In each list the first word that a table has wins when two columns claim the same meaning.
_WORDS: dict[Column, tuple[str, ...]] = {
    Column.NAME: (
        "姓名",
        "员工姓名",
        "职工姓名",
        "人员姓名",
        "工人姓名",
        "本人姓名",
        "名字",
        "员工",
        "人员",
        "name",
    ),
    Column.NUMBER: (
        "工号",
        "员工号",
        "员工工号",
        "职工号",
        "教工号",
        "教职工号",
        "学校工号",
        "人员编号",
        "员工编号",
        "职工编号",
        "员工编码",
        "人员编码",
        "编号",
        "number",
    ),
    Column.PHONE: (
        "手机号",
        "手机",
        "手机号码",
        "本人手机",
        "本人手机号",
        "移动电话",
        "联系手机",
        "联系电话",
        "电话号码",
        "本人电话",
        "联系方式",
        "电话",
        "联系号码",
        "手机/电话",
        "电话/手机",
        "手机电话",
        "phone",
        "mobile",
        "tel",
    ),
    Column.CONTRACTOR: (
        "外包公司",
        "公司",
        "公司名称",
        "外包单位",
        "承包单位",
        "承包公司",
        "所属公司",
        "用工单位",
        "用人单位",
        "所属单位",
        "服务公司",
        "服务单位",
        "派遣单位",
        "派遣公司",
        "劳务公司",
        "中标单位",
        "供应商",
        "单位",
        "单位名称",
        "工作单位",
        "company",
        "contractor",
    ),
    Column.TEAM: (
        "班组",
        "所属班组",
        "所在班组",
        "班组名称",
        "小组",
        "组别",
        "部门班组",
        "班组/部门",
        "部门/班组",
        "班别组",
        "部门",
        "所属部门",
        "所在部门",
        "部门名称",
        "科室",
        "项目",
        "项目部",
        "team",
        "department",
    ),
    Column.SITE: (
        "校区",
        "校区/点位",
        "点位",
        "校区点位",
        "所在校区",
        "所属校区",
        "服务校区",
        "食堂",
        "食堂/校区",
        "校区/食堂",
        "所在食堂",
        "食堂名称",
        "服务点",
        "服务点位",
        "项目点",
        "工作地点",
        "工作地",
        "上班地点",
        "地点",
        "site",
    ),
    Column.POST: (
        "岗位",
        "岗位名称",
        "工作岗位",
        "所在岗位",
        "岗位/工种",
        "工种/岗位",
        "岗位工种",
        "工种",
        "职务/岗位",
        "岗位/职务",
        "职务",
        "职位",
        "职业",
        "post",
        "job",
    ),
    Column.LEVEL: ("级别", "层级", "人员级别", "对象级别", "level"),
    Column.EMPLOYMENT: (
        "用工形式",
        "用工性质",
        "用工类型",
        "用工类别",
        "用工方式",
        "人员性质",
        "人员类别",
        "人员类型",
        "身份类别",
        "编制",
        "编制类型",
        "employment",
    ),
    Column.SHIFT: ("班次", "班别", "排班", "上班时间", "工作时间", "班制", "轮班", "shift"),
    Column.STARTED: (
        "入职日期",
        "入职时间",
        "入职",
        "到岗日期",
        "到岗时间",
        "上岗日期",
        "上岗时间",
        "进场日期",
        "进场时间",
        "进校日期",
        "进校时间",
        "入职年月",
        "started",
    ),
    Column.ENDED: (
        "离职日期",
        "离职时间",
        "离职",
        "离岗日期",
        "离岗时间",
        "离场日期",
        "离场时间",
        "退场日期",
        "ended",
    ),
    Column.STATUS: (
        "在职状态",
        "状态",
        "人员状态",
        "是否在职",
        "在岗状态",
        "在岗情况",
        "在职情况",
    ),
    Column.WECOM: (
        "企业微信账号",
        "企业微信帐号",
        "企业微信",
        "企微账号",
        "企微帐号",
        "企微",
        "企业微信id",
        "企业微信userid",
        "账号(企业微信)",
        "通讯录账号",
        "userid",
        "wecom",
    ),
    Column.TAGS: ("标签", "人员标签", "分组标签", "标签/分组", "tags", "tag"),
}

_RANK: dict[str, tuple[Column, int]] = {
    word: (column, rank) for column, words in _WORDS.items() for rank, word in enumerate(words)
}

# A label that holds one of these names a stranger or an office, never the worker's own phone.
_SOMEBODY_ELSE = re.compile(
    r"紧急|家属|亲属|家人|负责人|班组长|主管|经理|联系人|推荐人|介绍人|办公|公司|单位"
)
_PHONE_INSIDE = re.compile(r"手机")

# Identity papers, bank, birth, origin, faith, health, party, family, pay: lianbot has no use for any of them, and
# most are sensitive data (个人信息保护法 28-30) or belong to a relative. Their cells are never looked at.
_SENSITIVE = re.compile(
    r"身份证|证件|证号|护照|社保|公积金|银行|开户|卡号|账户|帐户|工资|薪|收入|生日|出生|年龄|周岁|民族|宗教|信仰"
    r"|籍贯|户籍|户口|家庭|住址|健康|体检|病|疫苗|血型|残疾|过敏|政治面貌|党员|婚|学历|文化程度|性别|犯罪|政审"
    r"|照片|指纹|人脸|紧急|家属|亲属|家人|监护|idcard|birth|bank"
)

_BRACKETS = re.compile(r"[(\[【〔<《].*?[)\]】〕>》]")
_NOISE = re.compile(r"[\s*#:：★☆※、,，。.·]+")


def label_key(label: str) -> str:
    """A label without width, case, blanks, asterisks and bracketed hints: '*手机号（必填）' → '手机号'."""
    plain = unicodedata.normalize("NFKC", label).lower()
    return _NOISE.sub("", _BRACKETS.sub("", plain)) or _NOISE.sub("", plain)


def known(label: str) -> tuple[Column, int] | None:
    """The meaning of a label and its rank among the words for that meaning (0 = best), None when unknown."""
    key = label_key(label)
    if key in _RANK:
        return _RANK[key]
    full = _NOISE.sub("", unicodedata.normalize("NFKC", label).lower())
    if full in _RANK:
        return _RANK[full]
    if _PHONE_INSIDE.search(key) and not _SOMEBODY_ELSE.search(key) and not sensitive(label):
        return Column.PHONE, len(_WORDS[Column.PHONE])
    return None


def sensitive(label: str) -> bool:
    """Whether the cells under this label must stay unread; bracketed hints count too."""
    return bool(_SENSITIVE.search(_NOISE.sub("", unicodedata.normalize("NFKC", label).lower())))


def score(labels: Sequence[str]) -> int:
    """How many different meanings a row of labels names; 0 when none of them is the name's column."""
    found = {hit[0] for label in labels if label and (hit := known(label))}
    return len(found) if Column.NAME in found else 0
