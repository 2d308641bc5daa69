"""A good bundle is accepted by every verifier, and what it says of it is true."""

from collections.abc import Callable
from typing import Any


def test_a_good_bundle_is_accepted_with_its_figures(
    bundle: Any, judge: Callable[..., Any]
) -> None:
    verdict = judge(bundle.folder)
    assert verdict["ok"]
    assert (verdict["size"], verdict["checkpoints"], verdict["loose"]) == (18, 3, 2)
