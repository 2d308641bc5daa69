"""分批: what follows from how the stages so far went, as a table."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.errors import InvalidInputError
from lianbot.domain.rollouts import (
    USUAL,
    Caution,
    Done,
    Halt,
    Release,
    Rollout,
    Settled,
    Stage,
    Wait,
    next_step,
    read_stages,
    stages_in_words,
)

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
LONG_AGO = NOW - USUAL.rest


def rollout(**changes: object) -> Rollout:
    values = {
        "occurrence_id": UUID(int=1),
        "campaign_id": UUID(int=2),
        "stages": read_stages("5,50"),
        "total": 200,
        "stage": 1,
        "let_go": 5,
        "poured": 5,
        "released_at": LONG_AGO,
    } | changes
    return Rollout(**values)  # type: ignore[arg-type]


NEW = {"stage": 0, "let_go": 0, "poured": 0, "released_at": None}
SECOND = {"stage": 2, "let_go": 50, "poured": 50}
ALL = {"stage": 3, "let_go": 200, "poured": 200}
W = Wait()


@pytest.mark.parametrize(
    ("label", "of", "settled", "step"),
    [
        ("the first stage goes at once", NEW, {}, Release(let_go=5)),
        ("five went well", {}, {"accepted": 5}, Release(let_go=50)),
        ("one of five failed", {}, {"accepted": 4, "failed": 1}, Release(let_go=50)),
        ("two of five failed", {}, {"accepted": 3, "failed": 2}, Halt(failed=2)),
        ("two failed before the rest is over", {"released_at": NOW}, {"failed": 2}, Halt(failed=2)),
        ("two failed while others are under way", {}, {"failed": 2, "under_way": 3}, Halt(failed=2)),
        ("the rest is not over", {"released_at": NOW}, {"accepted": 5}, W),
        ("a second before the rest is over", {"released_at": LONG_AGO + timedelta(seconds=1)}, {"accepted": 5}, W),
        ("one is under way", {}, {"accepted": 4, "under_way": 1}, W),
        ("not all that may leave are awake", {"poured": 3}, {"accepted": 3}, W),
        ("all wait for their window", {}, {"later": 5}, W),
        ("some wait for their window", {}, {"accepted": 2, "later": 3}, Release(let_go=50)),
        ("all five had left, answered, or are held for a visit", {}, {}, Release(let_go=50)),
        ("one failed, four wait: somebody went", {}, {"failed": 1, "later": 4}, Release(let_go=50)),
        ("nobody of the second stage went yet", SECOND, {"accepted": 5, "later": 45}, W),
        ("somebody of the second stage went", SECOND, {"accepted": 6, "later": 44}, Release(let_go=200)),
        ("nobody of the second stage can go any more", SECOND, {"accepted": 5}, Release(let_go=200)),
        ("the last stage does not wait for a visit", ALL, {"accepted": 180}, Done()),
        ("fifty went well", SECOND, {"accepted": 50}, Release(let_go=200)),
        ("ten of fifty failed", SECOND, {"accepted": 40, "failed": 10}, Release(let_go=200)),
        ("eleven of fifty failed", SECOND, {"accepted": 39, "failed": 11}, Halt(failed=11)),
        ("eleven failed, ten were seen by a person", SECOND | {"forgiven": 10}, {"accepted": 39, "failed": 11}, Release(let_go=200)),
        ("the last stage is watched too", ALL, {"accepted": 100, "failed": 41, "under_way": 59}, Halt(failed=41)),
        ("the last stage is under way", ALL, {"accepted": 100, "under_way": 100}, W),
        ("the last stage waits for windows", ALL, {"accepted": 100, "later": 100}, W),
        ("everybody has it", ALL, {"accepted": 190, "failed": 10}, Done()),
        ("a stage larger than the school", {"total": 5} | NEW, {}, Release(let_go=5)),
        ("the school is smaller than the second stage", {"total": 30}, {"accepted": 5}, Release(let_go=30)),
        ("per cent of everybody", {"stages": read_stages("5%,30%")} | NEW, {}, Release(let_go=10)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_follows_from_how_it_went(label, of, settled, step):
    assert next_step(rollout(**of), Settled(**settled), NOW) == step, label


@given(
    total=st.integers(1, 30_000),
    stages=st.lists(st.integers(1, 5_000), max_size=5, unique=True).map(sorted),
)
def test_every_push_that_goes_well_reaches_everybody_and_no_stage_is_nobody(total, stages):
    at = rollout(stages=tuple(Stage(size=one) for one in stages), total=total, **NEW)
    let_go = 0
    for _ in range(len(stages) + 1):
        if let_go >= total:
            break
        step = next_step(at, Settled(accepted=let_go), NOW)
        assert isinstance(step, Release)
        assert let_go < step.let_go <= total
        let_go = step.let_go
        at = rollout(
            stages=at.stages, total=total, stage=at.stage + 1, let_go=let_go, poured=let_go
        )
    assert let_go == total
    assert next_step(at, Settled(accepted=total), NOW) == Done()


@given(let_go=st.integers(0, 100_000), percent=st.integers(1, 90))
def test_one_failure_never_stops_a_push_and_more_than_the_share_always_does(let_go, percent):
    allowed = Caution(bad_percent=percent).allowed_to_fail(let_go)
    assert allowed >= 1
    assert allowed <= max(1, let_go * percent / 100)


@pytest.mark.parametrize(
    ("label", "caution", "settled", "step"),
    [
        ("a longer rest is kept", {"rest": timedelta(hours=1)}, {"accepted": 50}, W),
        ("a shorter rest is over", {"rest": timedelta(minutes=1)}, {"accepted": 50}, Release(let_go=200)),
        ("six of fifty are too many for a tenth", {"bad_percent": 10}, {"accepted": 44, "failed": 6}, Halt(failed=6)),
        ("five of fifty are a tenth", {"bad_percent": 10}, {"accepted": 45, "failed": 5}, Release(let_go=200)),
        ("half may fail", {"bad_percent": 50}, {"accepted": 25, "failed": 25}, Release(let_go=200)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_house_may_be_more_careful_or_less(label, caution, settled, step):
    of = rollout(**SECOND)
    assert next_step(of, Settled(**settled), NOW, Caution(**caution)) == step, label


@pytest.mark.parametrize("text", ["5,50", "5", "5%,30%", " 5 ， 50 ", ""])
def test_stages_are_read_as_written(text):
    wanted = text.replace("，", ",").replace(" ", "")
    assert ",".join(str(one) for one in read_stages(text)) == wanted


@pytest.mark.parametrize(
    "text", ["0", "100%", "0%", "50,5", "5,5", "a", "1,2,3,4,5,6", "-5", "1e3"]
)
def test_stages_that_cannot_be_are_refused(text):
    with pytest.raises(InvalidInputError, match="分批"):
        read_stages(text)


def test_stages_in_words():
    assert stages_in_words(read_stages("5,50")) == "先 5 人，再 50 人，再全部"
    assert stages_in_words(()) == "一次发给全部"
