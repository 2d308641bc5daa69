"""Bad content in disguise: odd widths, spoken digits, gaps, references, hidden characters, half files."""

import io
from datetime import date

import pytest
from PIL import Image

from lianbot.curriculum import check, check_item
from lianbot.curriculum.records import Law
from lianbot.curriculum.source import MOST_BYTES

TODAY = date(2026, 12, 1)
ARTICLE = '[{{law: 刑法, article: "{0}", edition: {1}, checked: {2}}}]'


def rules(draft, **more):
    return {finding.rule for finding in check_item(draft.text, today=TODAY, **more)}


SAID = {
    "phone": [
        "打１３８１２３４５６７８问。",
        "打138.1234.5678问。",
        "打138–1234–5678问。",
        "打1 3 8 1 2 3 4 5 6 7 8问。",
        "打+86 138 1234 5678问。",
        "打8613812345678问。",
        "打一三八一二三四五六七八问。",
        "打幺三八一二三四五六七八问。",
        "打壹叁捌壹贰叁肆伍陆柒捌问。",
        "打13812345六七八问。",
        "打（0871）65012345问。",
        "打0871 6501 2345问。",
        "打400 123 4567问。",
    ],
    "id-number": [
        "身份证１１０１０１１９９００３０７１２３３。",
        "身份证110101 19900307 1233。",
        "身份证110101-19900307-123x。",
        "身份证110101900307123。",
    ],
    "contact": [
        "打65012345这个号。",
        "打6501 2345这个号。",
        "卡号6222 8888 3456 7890 123。",
        "工号20190012。",
        "QQ：12345678。",
        "扣扣12345678。",
        "加微信abc12345。",
        "V信abc_12345。",
        "wx: abc12345",
        "写信到a．b＠example．org。",
        "写信到 ab [at] example.org。",
        "车牌云Ａ12345进来了。",
        "车牌云A·D12345进来了。",
    ],
    "link": ["看http://example.com。", "看ＷＷＷ.example.com。", "点这里：evil.cn"],
    "person-name": [
        "王 建国把单子签了。",
        "王·建国签的。",
        "欧阳建国签了。",
        "诸葛明签了。",
        "王XX签的。",
        "王××签的。",
        "王Ｘ签了。",
        "W某签了。",
        "姓王的师傅签了。",
        "王姓师傅签了。",
        "阿明签了单。",
        "王厨签的。",
        "刘处签的。",
        "柴志刚签了单。",
        "段永平签了单。",
        "Wang Jianguo签了。",
        "买买提签了。",
        "扎西多吉签了。",
    ],
    "place": [
        "昆 明一所高校。",
        "在丽江一所高校。",
        "在红河一所学校。",
        "在五华区一所高校。",
        "在滇池边一所高校。",
        "在白塔村食堂。",
        "人民路一所学校。",
    ],
    "unit-name": [
        "在云大食堂。",
        "在昆一中食堂。",
        "宏达商贸有限公司送货。",
        "宏达商贸有限责任公司送货。",
    ],
    "markup": [
        "< b >先过秤",
        "&lt;b&gt;先过秤",
        "<!-- 藏着 -->",
        "{{ 7*7 }}",
        "{% include %}",
        "- 先过秤",
        "* 先过秤",
        "> 先过秤",
        "| a | b |",
        "~~先过秤~~",
    ],
    "hidden-character": [
        "先\t过秤",
        "先\x00过秤",
        "先\u202e过秤",
        "先\u200b过秤",
        "先\ufeff过秤",
        "先\x1b[31m过秤",
        "先\u2028过秤",
        "打138\u200b12345678问",
    ],
}


@pytest.mark.parametrize(
    ("rule", "sentence"), [(rule, one) for rule, found in SAID.items() for one in found]
)
def test_a_disguise_is_seen_through_and_named_with_its_line(case, rule, sentence):
    draft = case.says(case.body.split("\n")[0] + "\n" + sentence)
    found = next(one for one in check_item(draft.text, today=TODAY) if one.rule == rule)
    assert found.line == draft.line_of(sentence)
    assert found.suggestion


@pytest.mark.parametrize(
    "sentence",
    [
        "那是2008年到2010年。2013-2019也是。",
        "2026-12-01那天，14:10-15:40。",
        "剪了1500米，100000元以内找主管批。",
        "老百姓高兴，一位姓名写不全的也行。",
        "在农村，在我们村，走马路过来。",
        "任何人都行，别处也一样，难处说出来。",
        "打12388，或者12315、110。",
    ],
)
def test_plain_sentences_stay_plain(case, sentence):
    plain = rules(case.says(case.body.split("\n")[0]))
    assert rules(case.says(case.body.split("\n")[0] + "\n" + sentence)) <= plain


SUMS = [
    "受贿3w以上要判刑。",
    "受贿３Ｗ要判刑。",
    "受贿三万要判刑。",
    "受贿叁万元要判刑。",
    "拿了3k就算盗窃。",
    "拿了三千，就够得上盗窃。",
    "三千是盗窃的线。",
    "盗窃罪：2000。",
    "盗窃，两千起。",
    "5000RMB就算受贿。",
    "¥3000算受贿。",
    "￥3000就算受贿。",
    "3000圆算受贿。",
    "三 万 元以上算受贿。",
    "过万就是犯罪。",
    "上了五位数就判刑。",
    "一万块以下派出所不管。",
    "少于两千公安不管。",
    "抓人的线是3000。",
    "要吃牢饭，得三万。",
    "三万元算数额较大。",
    "追究刑责的起点是三万。",
    "二十条烟以上判刑。",
    "两条烟不算犯罪。",
    "三万元。\n\n受贿罪。",
    "他拿了九十万元。后来判四年。",
    "他拿了九十万元。2020年在服刑。",
]


@pytest.mark.parametrize("sentence", SUMS)
@pytest.mark.parametrize("truth", ["real", "composite"])
def test_no_sum_stands_beside_a_crime_however_it_is_written(case, sentence, truth):
    draft = case.set(truth=truth, status="draft").says("先过秤。\n" + sentence)
    assert rules(draft) & {"threshold", "sum-with-crime"}


@pytest.mark.parametrize(
    "sentence",
    [
        "2007年到2013年，法院按受贿判了三年。",
        "罚了五千元，这是盗窃。",
        "打12388，或者打110，不问是不是盗窃。",
        "这算盗窃。一袋30斤的米也一样。",
        "一个面包，他拿两毛。几年下来越积越多。后来合同停了。",
    ],
)
def test_years_fines_weights_and_sums_far_off_pass(case, sentence):
    draft = case.set(truth="real", status="draft").says("先过秤。\n" + sentence)
    assert not rules(draft) & {"threshold", "sum-with-crime"}


LAW_RULES = [
    ("{0}", ("?", "2023-12-29", "2026-11-22"), "law-article"),
    ("{0}", ("第163条", "2023-12-29", "2026-11-22"), "law-article"),
    ("{0}", ("163", "2023-12-29", "2023-12-28"), "law-dates"),
    ("{0}", ("163", "2023-12-29", "2030-01-01"), "law-dates"),
    ("{0}", ("163", "2023-12-29", "2026-12-02"), "law-dates"),
    ("{0}", ("163", "2023-12-29", "2025-11-22"), "law-dates"),
    ("{0}", ("163", "2027-01-01", "2026-11-22"), "law-dates"),
]


@pytest.mark.parametrize(("form", "values", "rule"), LAW_RULES)
def test_a_clause_says_which_article_of_which_edition_and_who_looked_when(
    lesson, form, values, rule
):
    draft = lesson.set(legal_basis=form.format(ARTICLE.format(*values)))
    assert rule in rules(draft)
    found = next(one for one in check_item(draft.text, today=TODAY) if one.rule == rule)
    assert found.line == draft.line_of("legal_basis:")


@pytest.mark.parametrize("article", ["163", "253之一", "全文", "30-1"])
def test_articles_as_the_statutes_count_them_pass(lesson, article):
    draft = lesson.set(legal_basis=ARTICLE.format(article, "2023-12-29", "2026-11-22"))
    assert rules(draft) == set()


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("按《刑法》办。", "law-unlisted"),
        ("照〈刑法〉办。", "law-unlisted"),
        ("按劳动法办。", "law-unlisted"),
        ("按食品法办。", "law-unlisted"),
        ("按刑法办。", "law-unlisted"),
        ("刑法163条说了。", "law-article-in-text"),
        ("食品安全法五十三条说了。", "law-article-in-text"),
    ],
)
def test_a_law_named_without_its_edition_is_found(lesson, sentence, rule):
    register = [
        Law(name="刑法", aliases=(), edition=date(2023, 12, 29), source="", articles=("163",))
    ]
    assert rule in rules(lesson.says("先过秤。\n" + sentence), laws=register)


FIELDS = [
    ({"reviewer": '"内容\\u200b编写组"'}, "field-value"),
    ({"author": "ABC", "reviewer": "ＡＢＣ"}, "reviewer-author"),
    ({"author": "abc", "reviewer": "A B-C"}, "reviewer-author"),
    ({"author": "甲组、乙组", "reviewer": "乙组"}, "reviewer-author"),
    ({"author": "甲组", "reviewer": "甲组和乙组"}, "reviewer-author"),
    ({"legal_reviewer": "内容　编写组"}, "reviewer-author"),
    ({"reviewer": "待定"}, "reviewer-nobody"),
    ({"reviewer": "TODO"}, "reviewer-nobody"),
    ({"reviewer": '"-"'}, "reviewer-nobody"),
    ({"legal_reviewer": "暂无"}, "reviewer-nobody"),
    ({"title": '"空白\\n单子"'}, "field-value"),
    ({"title": '"空白\\0单子"'}, "field-value"),
    ({"title": '"空白\\u202e单子"'}, "field-value"),
    ({"author": '"编写组13812345678"'}, "phone"),
    ({"changelog": '"改了，问１３８１２３４５６７８"'}, "phone"),
    ({"moment": '"' + "早" * 41 + '"'}, "too-long"),
    ({"do": '"' + "早" * 41 + '"'}, "too-long"),
    ({"version": "99999999999999999999"}, "field-value"),
    ({"valid_until": "2027-02-30"}, "yaml"),
    ({"variants": "{text: false, voice: null, picture: null, slow: true}"}, "text-variant"),
    (
        {"variants": "{text: true, text: true, voice: null, picture: null, slow: true}"},
        "duplicate-key",
    ),
    ({"variants": "{<<: {text: true}, voice: null, picture: null, slow: true}"}, "yaml-form"),
    ({"posts": "&a [RECV]"}, "yaml-form"),
    ({"title": "!!binary aGVsbG8="}, "yaml-form"),
    ({"title": '!!python/object/apply:os.system ["id"]'}, "yaml-form"),
    ({"posts": "[" * 9 + "]" * 9}, "yaml-form"),
]


@pytest.mark.parametrize(("change", "rule"), FIELDS)
def test_a_field_in_disguise_is_found_at_its_line(lesson, change, rule):
    draft = lesson.set(**change)
    found = next(one for one in check_item(draft.text, today=TODAY) if one.rule == rule)
    assert found.line in {draft.line_of(f"\n{name}:") + 1 for name in change}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"offset_days": "-5"}, "reminder-id"),
        ({"offset_days": "10"}, "reminder-id"),
        ({"offset_days": "-100"}, "field-value"),
        ({"rotate_group": "B"}, "reminder-id"),
        ({"rotate_group": "Z"}, "rotate-group"),
    ],
)
def test_a_reminders_id_and_its_day_say_the_same(drafts, change, rule):
    assert rule in rules(drafts["reminder"].set(**change))


def test_nine_lines_that_stand_for_a_thousand_million_values_are_one_finding(lesson):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(9)
    ]
    text = lesson.text.replace("title:", "\n".join(lines) + "\ntitle:", 1)
    assert [(one.rule, one.line) for one in check_item(text)] == [("yaml-form", 4)]


def test_a_tower_of_brackets_ends_in_a_finding_and_not_in_the_end_of_the_process(lesson):
    tower = "[" * (MOST_BYTES - 4096)
    assert rules(lesson.set(posts=tower)) == {"yaml-form"}


@pytest.mark.parametrize("seconds", [60, 61])
def test_a_script_of_a_minute_passes_and_a_second_more_does_not(lesson, seconds):
    length = 150 if seconds == 60 else 151
    assert ("voice-long" in rules(lesson.section("语音稿", "慢 " * length))) is (seconds == 61)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xff\xfe-\x00-\x00-\x00", "unreadable"),
        ("---\nid: 收货\n---\n".encode("gbk"), "unreadable"),
        (b"", "front-matter"),
        (b"---\nid: x\n---\n" + b" " * MOST_BYTES, "file-large"),
        (b"\xef\xbb\xbf\xef\xbb\xbf---\nid: x\n---\n", "hidden-character"),
        (b"---\nid: x\x00\n---\n", "hidden-character"),
    ],
)
def test_bytes_that_are_no_text_are_one_finding(tmp_path, data, rule):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "LSN-RECV-001.md").write_bytes(data)
    (found,) = check(tmp_path)
    assert (found.rule, found.file) == (rule, "lessons/LSN-RECV-001.md")


def test_what_lies_in_a_folder_and_is_not_read_is_named(school, lesson):
    (school / "lessons" / "LSN-RECV-002.MD").write_text(lesson.text, "utf-8")
    (school / "lessons" / "LSN-RECV-003.txt").write_text(lesson.text, "utf-8")
    (school / "lessons" / "LSN-RECV-001.md.bak").write_text(lesson.text, "utf-8")
    (school / "lessons" / "LSN-RECV-004.md").mkdir()
    (school / "lessons" / "LSN-RECV-005.md").symlink_to("nowhere")
    (school / "courses").mkdir()
    (school / "courses" / "RECV.yml").write_text("name: 一年课", "utf-8")
    (school / "posts.yaml").mkdir()
    assert [(one.file, one.rule) for one in check(school)] == [
        ("courses/RECV.yml", "suffix"),
        ("lessons/LSN-RECV-002.MD", "suffix"),
        ("lessons/LSN-RECV-003.txt", "suffix"),
        ("lessons/LSN-RECV-004.md", "no-file"),
        ("lessons/LSN-RECV-005.md", "no-file"),
        ("posts.yaml", "no-file"),
    ]


def _picture(form, size=(10, 10)):
    out = io.BytesIO()
    Image.effect_noise(size, 90).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "good"),
    [
        ("a.png", _picture("PNG"), True),
        ("a.jpg", _picture("JPEG"), True),
        ("a.png", _picture("GIF"), False),
        ("a.jpg", _picture("PNG"), False),
        ("a.png", _picture("PNG", (200, 200))[:9000], False),
        ("a.png", _picture("PNG", (1081, 10)), False),
        ("a.png", b"<svg/>", False),
    ],
)
def test_a_picture_is_what_its_name_says_and_whole(school, put, lesson, name, data, good):
    (school / "media").mkdir()
    (school / "media" / name).write_bytes(data)
    variants = f"{{text: true, voice: null, picture: media/{name}, slow: true}}"
    put(
        "lessons/LSN-RECV-001.md",
        lesson.set(variants=variants).section("图片文字版", "空白单子不签。"),
    )
    assert [one.rule for one in check(school)] == ([] if good else ["picture-file"])


@pytest.mark.parametrize("twin", ["", " ", "单子"])
def test_a_word_is_no_twin_of_a_picture(lesson, twin):
    variants = "{text: true, voice: null, picture: media/a.png, slow: true}"
    assert "picture-twin" in rules(lesson.set(variants=variants).section("图片文字版", twin))
