"""Each rule of one item: a good draft, one thing spoiled, the rule that has to say so and the line."""

from datetime import date
from pathlib import Path

import pytest

from lianbot.curriculum import Severity, check_item, wording
from lianbot.curriculum.advice import ADVICE

TODAY = date(2026, 12, 1)
LONG = "这是一句写得实在太长太长谁也念不下来的话因为它中间一个停顿也没有"


def rules(text, **more):
    return [finding.rule for finding in check_item(text, today=TODAY, **more)]


@pytest.mark.parametrize("kind", ["lesson", "quiz", "case", "faq", "reminder", "card", "story"])
def test_a_good_item_has_no_finding(drafts, kind):
    assert check_item(drafts[kind].text, today=TODAY) == []


FIELD_RULES = [
    ("lesson", {"moment": None}, "field-missing"),
    ("lesson", {"momnet": "早上"}, "field-unknown"),
    ("lesson", {"version": '"1"'}, "field-value"),
    ("lesson", {"version": "0"}, "field-value"),
    ("lesson", {"version": "true"}, "field-value"),
    ("lesson", {"title": "2027"}, "field-value"),
    ("lesson", {"title": '""'}, "field-value"),
    ("lesson", {"valid_until": '"2027-05-22"'}, "field-value"),
    ("lesson", {"type": "lessen"}, "field-value"),
    ("lesson", {"topic": "blank"}, "field-value"),
    ("lesson", {"posts": "[RECV, CHEF]"}, "unknown-code"),
    ("lesson", {"posts": "[]"}, "field-value"),
    ("lesson", {"levels": "[L7]"}, "unknown-code"),
    ("lesson", {"risks": "[G11]"}, "unknown-code"),
    ("lesson", {"areas": "[基建]"}, "unknown-code"),
    ("lesson", {"posts": "[ALL]"}, "all-posts"),
    ("lesson", {"id": "LSN-CHEF-001"}, "id-form"),
    ("lesson", {"id": "LSN-RECV-1"}, "id-form"),
    ("lesson", {"version": "2"}, "material"),
    ("lesson", {"variants": "{text: true, voice: null, picture: null}"}, "field-missing"),
    ("lesson", {"status": "approved"}, "reviewer-missing"),
    ("lesson", {"status": "live"}, "reviewer-missing"),
    ("lesson", {"reviewer": "内容编写组"}, "reviewer-author"),
    ("lesson", {"reviewer": "内容 编写组"}, "reviewer-author"),
    ("lesson", {"valid_until": "2026-11-30"}, "expired"),
    ("lesson", {"valid_until": "2026-11-22"}, "span-order"),
    ("lesson", {"valid_until": "2027-11-25"}, "span"),
    ("lesson", {"title": "一二三四五六七八九十一二三四五六七"}, "title-long"),
    ("lesson", {"quiz": "[QUIZ-RECV-001A, QUIZ-RECV-001B]"}, "quiz-variants"),
    ("lesson", {"quiz": "[QUIZ-RECV-001A, QUIZ-RECV-001A, QUIZ-RECV-001A]"}, "quiz-variants"),
    (
        "lesson",
        {"variants": "{text: true, voice: null, picture: media/a.svg, slow: true}"},
        "picture-twin",
    ),
    (
        "lesson",
        {"variants": "{text: true, voice: ../a.amr, picture: null, slow: true}"},
        "media-place",
    ),
    ("lesson", {"legal_basis": "[{law: 政府采购法, edition: 2014-08-31}]"}, "law-incomplete"),
    (
        "lesson",
        {"legal_basis": '[{law: 政府采购法, article: "41", edition: 2014-08-31}]'},
        "law-incomplete",
    ),
    (
        "lesson",
        {"legal_basis": '[{law: 政府采购法, article: "41", checked: 2026-11-22}]'},
        "law-incomplete",
    ),
    (
        "lesson",
        {
            "legal_basis": '[{law: 监察法, article: "15", edition: 2024-12-25, checked: 2026-11-22, confirmed: false}]'
        },
        "law-unconfirmed",
    ),
    ("case", {"truth": "real"}, "case-source"),
    ("case", {"place": "四川乐山"}, "place"),
    ("case", {"two_questions": "[谁来签？]"}, "questions"),
    ("case", {"method": "替王建国签字"}, "person-name"),
    ("quiz", {"answer": "D"}, "quiz-answer"),
    ("quiz", {"options": "[签, 不签]", "answer": "C"}, "quiz-answer"),
    ("quiz", {"options": "[签, 签]"}, "quiz-options"),
    ("quiz", {"options": "[签, 不签, 再等等, 走开]"}, "quiz-options"),
    ("quiz", {"options": "[签, 不签, 以上都对]"}, "quiz-wording"),
    ("quiz", {"stem": "下面哪些做法好？"}, "quiz-wording"),
    ("quiz", {"stem": "下面不正确的是？"}, "quiz-wording"),
    ("quiz", {"stem": "司" * 46}, "too-long"),
    ("quiz", {"options": f"[签, {'不' * 15}]"}, "too-long"),
    ("quiz", {"why": "因" * 41}, "too-long"),
    ("faq", {"must_say": "[不收, 拍照|录像, 工会|食堂]"}, "must-say"),
    ("faq", {"must_not_say": "[心意]"}, "must-not-say"),
    ("reminder", {"offset_days": '"-10"'}, "field-value"),
    ("card", {"what_changes_for": "{CHEF: 两个人一起签}"}, "unknown-code"),
]


@pytest.mark.parametrize(("kind", "change", "rule"), FIELD_RULES)
def test_a_spoiled_field_is_found(drafts, kind, change, rule):
    assert rule in rules(drafts[kind].set(**change).text)


@pytest.mark.parametrize(("kind", "change", "rule"), FIELD_RULES)
def test_the_finding_stands_at_the_field(drafts, kind, change, rule):
    draft = drafts[kind].set(**change)
    found = next(one for one in check_item(draft.text, today=TODAY) if one.rule == rule)
    places = {draft.line_of(f"\n{name}:") + 1 for name, value in change.items() if value}
    # a missing field has no line of its own; some faults show where the other half of them stands
    elsewhere = {"field-missing", "reviewer-missing", "must-say", "must-not-say", "case-source"}
    assert found.line in places or rule in elsewhere


BODY_RULES = [
    ("lesson", LONG + "。", "sentence-long"),
    ("lesson", "这句话不长不短正好是十五个字啊。" * 9, "sentence-average"),
    ("lesson", "收货点数要仔细。" * 30, "too-long"),
    ("lesson", "收货点数要仔细。", "length"),
    ("lesson", "先看**日期**和票。" * 10, "markup"),
    ("lesson", "看[这里](http://a.b)。" * 10, "markup"),
    ("lesson", "# 先看日期\n再看票。", "markup"),
    ("lesson", "饕餮餮饕。" * 10, "rare-characters"),
    ("lesson", "落实主体责任，压实履职。" * 8, "jargon"),
    ("lesson", "这件事要落实到人。", "jargon-one"),
    ("lesson", "警钟长鸣。", "tone"),
    ("lesson", "保证没事。", "promise"),
    ("lesson", "按《招标投标法》办。", "law-unlisted"),
    ("lesson", "按第四十一条办。", "law-article-in-text"),
    ("lesson", "他违反八项规定。", "party-rule"),
    ("lesson", "这违反了八项规定。", "party-rule"),
    ("lesson", "要背政务处分。", "party-rule"),
    ("lesson", "不到三千不算盗窃。", "threshold"),
    ("lesson", "受贿3000以上要判。", "threshold"),
    ("lesson", "拿了三千元，就算盗窃。", "sum-with-crime"),
    ("lesson", "受贿三万元以上要判刑。", "threshold"),
    ("lesson", "不到3000块没事。再多就是盗窃罪。", "threshold"),
    ("lesson", "打电话13812345678问。", "phone"),
    ("lesson", "身份证号110101199003071233。", "id-number"),
    ("lesson", "写信到a.b@example.org。", "contact"),
    ("lesson", "车牌云A12345进来了。", "contact"),
    ("lesson", "李师傅说先签字。", "person-name"),
    ("lesson", "张某先签了字。", "person-name"),
    ("case", "老王把单子签了。", "person-name"),
    ("case", "王建国把单子签了。", "person-name"),
    ("case", "在昆明一所高校的食堂。", "place"),
    ("case", "在柳河县一所学校。", "place"),
    ("case", "宏达餐饮和昌盛公司送货。", "unit-name"),
    ("case", "昆明医科大学的食堂。", "unit-name"),
    ("card", "红：空白单子上签名。\n绿：过秤写满，两个人签，拍照留底。", "card-lines"),
]


@pytest.mark.parametrize(("kind", "body", "rule"), BODY_RULES)
def test_spoiled_words_are_found(drafts, kind, body, rule):
    assert rule in rules(drafts[kind].says(body).text)


@pytest.mark.parametrize(
    "body",
    [
        "一位师傅把剩下的肉过秤登记。",
        "班长请大家拍张照，写张条子。",
        "谢谢这位师傅，也谢谢宿管。",
        "马上过秤，白菜和黄瓜放一边。",
        "钱进了手机就说不清。",
        "宿管阿姨和保安队长都来了，库管师傅也在。",
        "前任班长说，工程师傅明天到。",
        "送来汤圆和贺卡，写了申请书。",
        "给您二十块，抬个杆。",
        "一家保安公司和一所高校都来了。",
        "每斤提一毛，一年下来不少。",
        "点“我想问问”，拨12388也行。",
    ],
)
def test_ordinary_words_raise_no_alarm(case, body):
    alarms = {
        "person-name",
        "place",
        "unit-name",
        "phone",
        "id-number",
        "threshold",
        "sum-with-crime",
    }
    assert not alarms & set(rules(case.says(body).text))


def test_a_fault_in_the_text_names_its_line(lesson):
    draft = lesson.says(lesson.body.replace("数字写满", "打13812345678问"))
    found = next(one for one in check_item(draft.text) if one.rule == "phone")
    assert found.line == draft.line_of("打138")


def test_a_long_sentence_names_its_line(lesson):
    draft = lesson.says(f"{lesson.body}\n{LONG}。")
    found = next(one for one in check_item(draft.text) if one.rule == "sentence-long")
    assert found.line == draft.line_of(LONG)


def test_a_fault_in_the_voice_script_names_its_line(lesson):
    draft = lesson.section("语音稿", "师傅好。\n打13812345678问。")
    found = next(one for one in check_item(draft.text) if one.rule == "phone")
    assert found.line == draft.line_of("打138")


def test_a_voice_script_longer_than_a_minute_is_refused(lesson):
    assert "voice-long" in rules(lesson.section("语音稿", "慢" * 151).text)


def test_a_voice_script_of_a_minute_passes(lesson):
    assert "voice-long" not in rules(lesson.section("语音稿", "慢" * 150).text)


@pytest.mark.parametrize("section", ["语音稿", "画面"])
def test_a_lesson_needs_its_sections(lesson, section):
    assert "section-missing" in rules(lesson.section(section, None).text)


def test_an_unknown_section_is_named(lesson):
    assert "section" in rules(lesson.section("語音稿", "师傅好。").text)


def test_a_picture_with_a_text_twin_passes(lesson):
    variants = "{text: true, voice: null, picture: media/blank-slip.svg, slow: true}"
    draft = lesson.set(variants=variants).section("图片文字版", "空白单子不签。")
    assert rules(draft.text) == []


def test_law_bearing_items_end_within_half_a_year(lesson, law):
    draft = lesson.set(legal_basis=law, valid_until="2027-06-30")
    assert "span" in rules(draft.text)


def test_law_bearing_items_need_a_legal_reviewer_once_approved(lesson, law):
    draft = lesson.set(legal_basis=law, status="approved", reviewer="纪检委员")
    assert rules(draft.text) == ["legal-reviewer"]


def test_without_today_nothing_is_expired(lesson):
    assert check_item(lesson.set(valid_from="2020-01-01", valid_until="2020-06-01").text) == []


def test_a_retired_item_may_be_old(lesson):
    draft = lesson.set(valid_from="2020-01-01", valid_until="2020-06-01", status="retired")
    assert rules(draft.text) == []


REPORT = (
    "一所小学食堂，十一个员工出了事。有管买菜的，管库房的，也有炒菜的。\n"
    "一次拿一点，四年多，加起来四十万元。\n"
    "后来法院判了，叫“职务侵占罪”。少的判九个月。每人还罚十万元以上。\n"
    "拿得再少，也会加在一起算。"
)


def test_a_court_report_states_its_fine_and_no_sum_beside_the_verdict(case):
    told = case.set(truth="real", status="draft")
    assert "sum-with-crime" in rules(told.says(REPORT).text)
    without = REPORT.replace("加起来四十万元", "加起来不少")
    assert {"threshold", "sum-with-crime"}.isdisjoint(rules(told.says(without).text))


def test_a_court_report_may_not_state_a_limit(case):
    body = REPORT.replace("拿得再少", "六万元以上才算受贿罪。拿得再少")
    assert "threshold" in rules(case.set(truth="real", status="draft").says(body).text)


def test_an_opened_grade_a_source_lets_a_reported_case_through(case):
    sources = "[{url: 'https://court.example', grade: A, opened: 2026-11-22}]"
    assert "case-source" not in rules(case.set(truth="real", sources=sources).text)


@pytest.mark.parametrize("grade", ["A, opened: null", "B, opened: 2026-11-22"])
def test_a_weak_or_unopened_source_does_not(case, grade):
    sources = f"[{{url: 'https://court.example', grade: {grade}}}]"
    assert "case-source" in rules(case.set(truth="real", sources=sources).text)


def test_trade_words_are_named_but_do_not_count_as_jargon(lesson):
    found = check_item(lesson.says(lesson.body + "\n验收写台账，也要落实。").text)
    assert [(one.rule, one.severity) for one in found] == [("jargon-one", Severity.WARNING)]


def test_every_finding_says_what_to_do(lesson):
    found = check_item(lesson.set(posts="[CHEF]", topic="x", momnet="y").text, file="a.md")
    assert found
    assert all(one.message and one.suggestion and one.file == "a.md" for one in found)


def test_a_near_field_name_is_suggested(lesson):
    found = check_item(lesson.set(momnet="早上").text)
    assert any("moment" in one.suggestion for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有字段",
        "---\nid: x\n",
        "---\n- a\n---\n正文",
        "---\nid: [\n---\n正文",
        "\n---\nid: x\n---\n",
    ],
)
def test_a_file_without_proper_front_matter_is_one_finding(text):
    found = check_item(text, file="x.md")
    assert [one.rule in {"front-matter", "yaml"} for one in found] == [True]


def test_a_field_that_stands_twice_is_found(lesson):
    text = lesson.text.replace("topic: blank-sign", "topic: blank-sign\ntopic: kickback")
    assert rules(text) == ["duplicate-key"]


def test_a_yaml_fault_names_its_line(lesson):
    text = lesson.text.replace("sites: []", "sites: [}")
    (found,) = check_item(text)
    assert (found.rule, found.line) == ("yaml", lesson.line_of("sites: []"))


def test_an_inner_date_that_is_none_is_a_finding_and_no_crash(lesson):
    assert rules(lesson.set(valid_from="2026-13-40").text)


def test_a_windows_editor_changes_nothing(lesson):
    windows = "\ufeff" + lesson.text.replace("\n", "\r\n")
    assert check_item(windows.removeprefix("\ufeff")) == check_item(lesson.text)


def test_a_stamp_written_by_the_checker_is_believed(drafts):
    for draft in drafts.values():
        stamped = wording.stamped(draft.text)
        assert "readability: {avg: " in stamped
        assert rules(stamped) == []


def test_a_stamp_is_renewed_and_not_doubled(lesson):
    once = wording.stamped(lesson.text)
    assert wording.stamped(once) == once


def test_a_stale_stamp_is_a_warning(lesson):
    stamp = "{avg: 5.0, max: 6, common: 1.0}"
    assert rules(lesson.set(readability=stamp).text) == ["readability-stale"]


def test_a_text_that_is_no_item_is_not_stamped():
    assert wording.stamped("你好") == "你好"


def test_every_advice_is_given_by_some_rule():
    folder = Path(wording.__file__).parent
    code = "".join(
        path.read_text("utf-8") for path in folder.glob("*.py") if path.stem != "advice"
    )
    assert [rule for rule in ADVICE if f'"{rule}"' not in code] == []
