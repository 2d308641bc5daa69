"""Rules between files, the load, and the editions that come out of it."""

import hashlib
import json

import pytest

from lianbot.curriculum import ContentError, Severity, check, load
from lianbot.domain.codes import ItemType


def rules(directory):
    return [finding.rule for finding in check(directory)]


def test_a_good_directory_has_no_finding(school):
    assert check(school) == []


def test_an_empty_directory_has_no_finding(tmp_path):
    assert check(tmp_path) == []


def test_a_directory_that_is_not_there_is_found(tmp_path):
    assert rules(tmp_path / "nowhere") == ["no-directory"]


@pytest.mark.parametrize("file", ["LSN-RECV-001.md", "lesson/LSN-RECV-001.md"])
def test_an_item_where_nobody_looks_is_found(put, lesson, file):
    assert rules(put(file, lesson)) == ["folder-unknown"]


def test_a_page_that_is_no_item_may_lie_anywhere(school):
    (school / "README.md").write_text("# 内容\n", "utf-8")
    assert check(school) == []


def test_files_are_named_relative_to_the_directory(school, put, lesson):
    put("lessons/LSN-RECV-001.md", lesson.set(topic="x"))
    assert {one.file for one in check(school) if one.rule == "field-value"} == {
        "lessons/LSN-RECV-001.md"
    }


def test_a_missing_question_is_named(school):
    (school / "quizzes" / "QUIZ-RECV-001B.md").unlink()
    (found,) = check(school)
    assert (found.rule, found.file) == ("quiz-unknown", "lessons/LSN-RECV-001.md")


def test_a_question_of_another_lesson_is_found(school, put, quiz):
    put("quizzes/QUIZ-RECV-001A.md", quiz("A").set(variant_of="LSN-RECV-002"))
    assert rules(school) == ["quiz-other-lesson", "quiz-unlisted"]


def test_a_question_that_its_lesson_does_not_list_is_found(school, put, quiz):
    put("quizzes/QUIZ-RECV-001D.md", quiz("D"))
    assert rules(school) == ["quiz-unlisted"]


@pytest.mark.parametrize(
    "change", [{"posts": "[RECV]"}, {"levels": "[L6]"}, {"topic": "short-weight"}]
)
def test_a_question_follows_its_lesson(school, put, quiz, change):
    put("quizzes/QUIZ-RECV-001A.md", quiz("A").set(**change))
    assert rules(school) == ["quiz-differs"]


def test_a_question_does_not_outlive_its_lesson(school, put, quiz):
    put("quizzes/QUIZ-RECV-001A.md", quiz("A").set(valid_until="2027-06-22"))
    assert rules(school) == ["quiz-outlives"]


def test_an_id_is_used_once(school, put, lesson):
    put("lessons/copy/LSN-RECV-001.md", lesson)
    assert rules(school) == ["duplicate-id"]


def test_the_file_is_named_after_the_id(school, put, case):
    put("cases/CASE-RECV-102.md", case.set(id="CASE-RECV-103"))
    assert rules(school) == ["id-file"]


def test_an_item_lies_in_its_folder(school, put, case):
    put("lessons/CASE-RECV-102.md", case.set(id="CASE-RECV-102"))
    assert rules(school) == ["folder"]


def test_two_answers_to_one_topic_are_found(school, put, drafts):
    put("faq/FAQ-gift-offer.md", drafts["faq"])
    put("faq/FAQ-kickback.md", drafts["faq"].set(id="FAQ-KICKBACK"))
    assert rules(school) == ["faq-twice"]


def test_a_reminder_without_its_rotation_is_a_warning(school, put, drafts):
    put("reminders/RMD-BUY-MIDAUTUMN-10A.md", drafts["reminder"])
    assert [(one.rule, one.severity) for one in check(school)] == [("rotation", Severity.WARNING)]


def test_a_reminder_of_an_unknown_node_is_found(school, put, drafts, shipped):
    (school / "calendar.yaml").write_text((shipped / "calendar.yaml").read_text("utf-8"), "utf-8")
    put("reminders/RMD-BUY-MIDAUTUMN-10A.md", drafts["reminder"].set(node="moon-day"))
    assert "node" in rules(school)


def test_a_picture_that_is_not_there_is_found(school, put, lesson):
    variants = "{text: true, voice: null, picture: media/scale.svg, slow: true}"
    put(
        "lessons/LSN-RECV-001.md",
        lesson.set(variants=variants).section("图片文字版", "先过秤，再签字。"),
    )
    assert rules(school) == ["media-missing"]


@pytest.mark.parametrize(
    "evil",
    [
        "<svg><script>1</script></svg>",
        "<svg onload='x()'/>",
        "<svg><a href='https://x.example'/></svg>",
        "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>",
        "<svg><image/></svg>",
        "<svg><rect fill='url(https://x.example)'/></svg>",
    ],
)
def test_a_picture_that_does_more_than_show_is_refused(school, put, lesson, evil):
    variants = "{text: true, voice: null, picture: media/scale.svg, slow: true}"
    put(
        "lessons/LSN-RECV-001.md",
        lesson.set(variants=variants).section("图片文字版", "先过秤，再签字。"),
    )
    (school / "media").mkdir()
    (school / "media" / "scale.svg").write_text(evil, "utf-8")
    assert set(rules(school)) == {"picture-unsafe"}


def test_bytes_that_are_no_utf8_name_their_line(school, lesson):
    text = lesson.text.encode("gb18030")
    (school / "lessons" / "LSN-RECV-001.md").write_bytes(text)
    found = next(one for one in check(school) if one.rule == "unreadable")
    assert (found.file, found.line) == ("lessons/LSN-RECV-001.md", 4)


def test_loading_lists_every_error(school, put, lesson, case):
    put("lessons/LSN-RECV-001.md", lesson.set(topic="x", levels="[L9]"))
    put("cases/CASE-RECV-101.md", case.set(place="昆明"))
    with pytest.raises(ContentError) as raised:
        load(school)
    text = str(raised.value)
    assert "lessons/LSN-RECV-001.md" in text
    assert "cases/CASE-RECV-101.md" in text
    assert {one.rule for one in raised.value.findings} >= {"field-value", "unknown-code", "place"}


def test_loading_lets_warnings_pass_and_keeps_them(school, put, case):
    put("cases/CASE-RECV-101.md", case.says("库里对不上数。"))
    assert [one.rule for one in load(school).warnings] == ["length"]


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_a_question_has_the_bytes_of_the_evidence_page(school):
    quiz = load(school).item("QUIZ-RECV-001A")
    expected = {
        "id": "QUIZ-RECV-001A",
        "type": "quiz",
        "text": "司机急着走，让您先签A单。您怎么办？",
        "options": ["先签，回头再补", "过秤写满，两人签", "让司机自己填"],
        "answer": 1,
        "why": "签了名，上面的数就算您点的。",
        "media": [],
    }
    assert quiz.edition_bytes == canonical(expected)
    assert quiz.sha256 == hashlib.sha256(canonical(expected)).hexdigest()


def test_a_lesson_has_the_bytes_of_the_evidence_page(school, lesson):
    library = load(school)
    expected = {
        "id": "LSN-RECV-001",
        "type": "lesson",
        "title": "空白单子，一笔都不签",
        "text": lesson.body,
        "tag": "",
        "quiz": [library.item(f"QUIZ-RECV-001{letter}").sha256 for letter in "ABC"],
        "media": [],
    }
    assert library.item("LSN-RECV-001").edition_bytes == canonical(expected)


def test_a_picture_is_named_with_its_hash(school, put, lesson):
    picture = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    variants = "{text: true, voice: null, picture: media/scale.svg, slow: true}"
    put(
        "lessons/LSN-RECV-001.md",
        lesson.set(variants=variants).section("图片文字版", "先过秤，再签字。"),
    )
    (school / "media").mkdir()
    (school / "media" / "scale.svg").write_bytes(picture)
    media = json.loads(load(school).item("LSN-RECV-001").edition_bytes)["media"]
    assert media == [{"name": "media/scale.svg", "sha256": hashlib.sha256(picture).hexdigest()}]


def test_a_scene_shows_its_mark_and_its_questions(school):
    case = load(school).item("CASE-RECV-101")
    assert case.tag == "情景案例·人物情节为编写"
    assert case.text.endswith("想一想\n我们收货，谁和谁一起签？\n有人催您先签，您怎么说？")


def test_a_reported_case_carries_the_caution(school, put, case):
    put("cases/CASE-RECV-001.md", case.set(id="CASE-RECV-001", truth="real", status="draft"))
    reported = load(school).item("CASE-RECV-001")
    assert (reported.tag, reported.text.split("\n")[-1]) == (
        "真实案例",
        "（各案情况不同，以判决为准）",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"status": "approved", "reviewer": "纪检委员"},
        {"version": "2", "material": "false"},
        {"valid_until": "2027-05-23"},
        {"moment": "晚上"},
        {"posts": "[RECV]"},
    ],
)
def test_workflow_changes_no_hash(school, put, lesson, quiz, change):
    before = load(school).item("LSN-RECV-001").sha256
    put("lessons/LSN-RECV-001.md", lesson.set(**change))
    if "posts" in change:
        for letter in "ABC":
            put(f"quizzes/QUIZ-RECV-001{letter}.md", quiz(letter).set(**change))
    assert load(school).item("LSN-RECV-001").sha256 == before


def test_another_word_is_another_edition(school, put, lesson):
    before = load(school).item("LSN-RECV-001").sha256
    put("lessons/LSN-RECV-001.md", lesson.says(lesson.body.replace("写满", "填满")))
    assert load(school).item("LSN-RECV-001").sha256 != before


def test_another_question_makes_another_lesson_edition(school, put, quiz):
    before = load(school).item("LSN-RECV-001").sha256
    put("quizzes/QUIZ-RECV-001C.md", quiz("C").set(why="因为数要对得上。"))
    assert load(school).item("LSN-RECV-001").sha256 != before


def test_windows_line_ends_make_no_other_edition(school, lesson):
    before = load(school).item("LSN-RECV-001").sha256
    windows = "\ufeff" + lesson.text.replace("\n", "\r\n")
    (school / "lessons" / "LSN-RECV-001.md").write_bytes(windows.encode())
    assert load(school).item("LSN-RECV-001").sha256 == before


def test_a_first_version_is_material(school):
    assert load(school).item("LSN-RECV-001").material


def test_all_posts_are_written_all_and_read_as_none(school, put, drafts):
    put("faq/FAQ-gift-offer.md", drafts["faq"])
    assert load(school).item("FAQ-GIFT-OFFER").posts == ()


def test_items_are_found_by_type(school):
    assert len(load(school).of_type(ItemType.QUIZ)) == 3


COURSE = 'name: 收货一年课\npost: {post}\nlevels: [L6]\nshelf: [{shelf}]\nquiet: ["01-15/02-20"]\n'


def course(school, post="RECV", shelf="LSN-RECV-001"):
    (school / "courses").mkdir(exist_ok=True)
    (school / "courses" / "RECV.yaml").write_text(COURSE.format(post=post, shelf=shelf), "utf-8")


def test_a_course_of_fitting_items_passes(school):
    course(school)
    assert check(school) == []


@pytest.mark.parametrize(
    ("post", "shelf", "rule"),
    [
        ("RECV", "LSN-RECV-009", "course-item"),
        ("COOK", "LSN-RECV-001", "course-audience"),
        ("RECV", "LSN-RECV-001, LSN-RECV-001", "course-twice"),
    ],
)
def test_a_course_with_a_fault_is_found(school, post, shelf, rule):
    course(school, post, shelf)
    assert rules(school) == [rule]


def test_a_draft_on_a_shelf_is_a_warning(school, put, lesson):
    put("lessons/LSN-RECV-001.md", lesson.set(status="draft"))
    course(school)
    assert [(one.rule, one.severity) for one in check(school)] == [
        ("course-draft", Severity.WARNING)
    ]
