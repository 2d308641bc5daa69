"""Whatever a file holds, the checker answers: the same, in place, and never with a traceback."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lianbot.curriculum import Severity, check_item

FRONT = """---
id: CASE-RECV-101
type: case
title: 签在前头的一张空单
posts: [RECV]
levels: [L6]
risks: [G4]
topic: blank-sign
sites: []
status: review
version: 1
author: 内容编写组
reviewer: null
legal_reviewer: null
legal_basis: []
sources: []
truth: composite
valid_from: 2026-11-23
valid_until: 2027-05-22
variants: {text: true, voice: null, picture: null, slow: true}
year: ""
place: ""
unit_kind: 一所高校的食堂
amount_text: ""
method: 先签字，后填数
outcome: ""
stop_point: 先过秤，写满
two_questions: [谁签？, 谁称？]
changelog: 首版
---
"""
WORDS = st.text(
    alphabet=st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), st.sampled_from("，。\n“”：1")
    ),
    max_size=120,
)
DIGITS = st.integers(min_value=0, max_value=9999_9999).map("{:08d}".format)


def rules(text):
    return {finding.rule for finding in check_item(text)}


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text):
    assert all(finding.line >= 1 for finding in check_item(text))


@given(st.text(alphabet="-: \n[]{}abc中\"'#&*!|>%@`?,0", max_size=120))
def test_any_front_matter_gets_an_answer(text):
    assert all(finding.line >= 1 for finding in check_item(f"---\n{text}\n---\n正文"))


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "type",
                "posts",
                "legal_basis",
                "sources",
                "variants",
                "version",
                "two_questions",
            ]
        ),
        st.sampled_from(
            [
                "null",
                "1",
                "[]",
                "{}",
                "x",
                "[1]",
                "[{}]",
                "{a: b}",
                "2026-01-01",
                "[[a]]",
                "true",
                "!!binary a",
            ]
        ),
        min_size=1,
    )
)
def test_any_wrong_value_is_a_finding(changes):
    lines = [
        next(
            (f"{name}: {value}" for name, value in changes.items() if line.startswith(f"{name}:")),
            line,
        )
        for line in FRONT.split("\n")
    ]
    found = check_item("\n".join(lines) + "正文。\n## 语音稿\n师傅好。")
    harmless = {("legal_basis", "[]"), ("sources", "[]"), ("version", "1")}
    assert set(changes.items()) <= harmless or any(one.severity is Severity.ERROR for one in found)


@given(WORDS)
@settings(max_examples=60)
def test_the_same_text_gives_the_same_findings(words):
    text = f"{FRONT}{words}\n## 语音稿\n{words}"
    assert check_item(text) == check_item(text)


@given(WORDS)
@settings(max_examples=60)
def test_findings_stand_inside_the_file_and_in_order(words):
    text = f"{FRONT}{words}\n## 语音稿\n{words}"
    lines = [finding.line for finding in check_item(text)]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)


@given(WORDS, WORDS, DIGITS, st.integers(min_value=30, max_value=99))
def test_a_mobile_number_anywhere_is_found(before, after, digits, prefix):
    assert "phone" in rules(f"{FRONT}好{before}叫1{prefix}{digits}吧{after}")


@given(
    WORDS,
    WORDS,
    st.integers(min_value=10**16, max_value=10**17 - 1),
    st.sampled_from("0123456789Xx"),
)
def test_an_id_number_anywhere_is_found(before, after, number, check_digit):
    assert "id-number" in rules(f"{FRONT}好{before}号{number}{check_digit}吧{after}")


@given(
    st.sampled_from(["受贿", "职务侵占罪", "盗窃", "坐牢", "判刑"]),
    st.sampled_from(["3万元", "三万元", "六十块钱", "5000元", "3,000元"]),
    st.sampled_from(["以上", "以下", "以内", "才算数", "就算数", "起"]),
    st.sampled_from(["，", "。", ""]),
)
def test_a_limit_beside_a_crime_is_found_in_any_order(crime, amount, limit, mark):
    for sentence in (f"{crime}{mark}{amount}{limit}。", f"{amount}{limit}{mark}{crime}。"):
        assert {"threshold", "sum-with-crime"} & rules(f"{FRONT}{sentence}")


@given(
    st.sampled_from("王李刘陈杨赵吴徐孙朱"),
    st.sampled_from(["建国", "秀英", "桂兰", "志强", "小红"]),
)
def test_a_common_full_name_is_found(surname, given_name):
    assert "person-name" in rules(f"{FRONT}后来{surname}{given_name}签了字。")


GAPS = st.lists(st.sampled_from(["", " ", "-", ".", "–"]), min_size=10, max_size=10)
WIDTHS = st.sampled_from(
    ["0123456789", "０１２３４５６７８９", "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"]
)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), GAPS, WIDTHS)
@settings(max_examples=60)
def test_a_mobile_number_is_found_in_every_width_and_with_every_gap(number, gaps, digits):
    said = "".join(digits[int(one)] + gap for one, gap in zip(number, [*gaps, ""], strict=True))
    assert "phone" in rules(f"{FRONT}先过秤，叫{said}吧。")


@given(st.text(alphabet="受贿判刑三万千元以上0９,.￥wW。\n盗窃条烟过", max_size=60))
@settings(max_examples=60)
def test_findings_beside_sums_stand_inside_the_file(words):
    text = f"{FRONT}先过秤。\n{words}"
    assert all(1 <= one.line <= text.count("\n") + 1 for one in check_item(text))
