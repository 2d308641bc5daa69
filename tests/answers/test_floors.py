"""The floors of the evaluation on wordings nobody tuned on; docs/answers.md has the figures."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from lianbot.cli.ask import evaluate
from lianbot.curriculum.faq import read_wordings
from lianbot.domain.codes import Topic
from lianbot.flows.answering import Answering
from lianbot.flows.answering_measure import KnownWordings, Measured
from lianbot.understanding.library import Library

CORPUS = Path(__file__).parent / "corpus"
Corpus = Mapping[Topic, tuple[str, ...]]


@pytest.fixture(scope="module")
def measured(answering: Answering) -> Measured:
    return evaluate(answering, CORPUS / "heldout.txt", time.thread_time)


def test_the_best_guess_is_right_often_enough(measured: Measured) -> None:
    assert measured.right >= 0.85


def test_the_right_topic_is_on_the_screen_often_enough(measured: Measured) -> None:
    assert measured.shown >= 0.93


def test_what_the_bot_does_not_do_is_refused(measured: Measured) -> None:
    assert measured.refused >= 0.92


def test_no_danger_is_missed(measured: Measured) -> None:
    assert measured.urgent_found == 1


@pytest.mark.parametrize(
    "name", ["development.txt", "development-2.txt", "blind-2.txt", "blind-3.txt", "blind-4.txt"]
)
def test_no_danger_of_the_other_batches_is_missed(answering: Answering, name: str) -> None:
    assert evaluate(answering, CORPUS / name).urgent_found == 1


@pytest.mark.parametrize(
    ("name", "right", "shown", "refused"),
    [
        ("blind-2.txt", 0.83, 0.92, 0.91),
        ("blind-3.txt", 0.68, 0.80, 0.88),
        ("blind-4.txt", 0.62, 0.77, 0.91),
    ],
)
def test_wordings_written_blind_stay_where_they_were(
    answering: Answering, name: str, right: float, shown: float, refused: float
) -> None:
    """Nobody chose anything on these: what is lost here was learnt by heart elsewhere."""
    blind = evaluate(answering, CORPUS / name)
    assert blind.right >= right
    assert blind.shown >= shown
    assert blind.refused >= refused


def test_ninety_nine_of_a_hundred_answers_take_under_twenty_milliseconds(
    measured: Measured,
) -> None:
    assert measured.slowest < 0.020


def test_two_buttons_stay_the_exception(measured: Measured) -> None:
    assert measured.two_buttons <= 0.30


def test_the_corpus_is_large_enough(held_out: Corpus) -> None:
    assert {topic for topic, texts in held_out.items() if len(set(texts)) >= 15} == set(Topic)
    assert len(set(held_out[Topic.FALLBACK])) >= 150


@pytest.mark.parametrize(
    "name",
    ["heldout.txt", "blind-2.txt", "blind-3.txt", "blind-4.txt", "development-2.txt"],
)
def test_no_test_wording_is_a_known_wording_or_a_trivial_edit_of_one(
    library: Library, name: str
) -> None:
    language = library.language
    asked = KnownWordings(text for texts in language.questions.values() for text in texts)
    refused = KnownWordings(language.off_topic)
    alike = {
        text: (refused if topic is Topic.FALLBACK else asked).too_alike(text)
        for topic, texts in read_wordings(CORPUS / name).items()
        for text in texts
    }
    assert {text: other for text, other in alike.items() if other} == {}


@pytest.mark.parametrize("name", ["development.txt", "development-2.txt"])
def test_development_and_test_share_no_wording(held_out: Corpus, name: str) -> None:
    tuned = KnownWordings(
        text for texts in read_wordings(CORPUS / name).values() for text in texts
    )
    shared = [
        text
        for topic, texts in held_out.items()
        if topic is not Topic.FALLBACK
        for text in texts
        if tuned.too_alike(text)
    ]
    assert shared == []
