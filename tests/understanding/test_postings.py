import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.understanding.postings import Postings

WORDINGS = st.lists(
    st.dictionaries(
        st.sampled_from(["w:烟", "w:酒", "c:送", "b:条烟", "p:a-b"]),
        st.floats(min_value=0.1, max_value=4),
    ),
    max_size=8,
)


@given(WORDINGS)
def test_every_wording_is_one_long_and_found_under_each_of_its_features(
    wordings: list[dict[str, float]],
) -> None:
    known = Postings.count(wordings)
    squares = dict.fromkeys(range(len(wordings)), 0.0)
    for name in {name for wording in wordings for name in wording}:
        feature = known.find(name)
        if feature is None:
            assert name == "p:a-b"
            continue
        assert [at for at, _ in known.of(feature)] == [
            at for at, wording in enumerate(wordings) if name in wording
        ]
        assert known.times(feature) == sum(name in wording for wording in wordings)
        for at, weight in known.of(feature):
            squares[at] += weight**2
    for at, wording in enumerate(wordings):
        if any(known.find(name) is not None for name in wording):
            assert squares[at] == pytest.approx(1, abs=1e-5)


def test_a_pair_of_sounds_of_one_wording_alone_is_left_out() -> None:
    known = Postings.count([{"p:a-b": 1, "w:烟": 1}, {"p:c-d": 1}, {"p:c-d": 1}])
    assert known.find("p:a-b") is None
    assert known.find("p:c-d") is not None
    assert len(known) == 2


def test_what_few_wordings_have_weighs_more_and_what_none_has_most() -> None:
    known = Postings.count([{"w:烟": 1, "w:送": 1}, {"w:送": 1}])
    assert known.rarity_of("w:送") < known.rarity_of("w:烟") < known.rarity_of("w:没见过")
    assert known.rarity_of("w:烟") == pytest.approx(math.log(3 / 1.5), abs=1e-6)
