"""docs/twin.md names every switch with its default, and every kind of fault."""

from dataclasses import asdict
from pathlib import Path

import pytest

from lianbot.twin.accounts import Switches
from lianbot.twin.faults import FaultKind

PAGE = (Path(__file__).parents[2] / "docs" / "twin.md").read_text(encoding="utf-8")
SWITCHES = asdict(Switches())


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "开" if value else "关"
    return "、".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_stands_there_with_its_default(name):
    assert f"| `{name}` | {shown(SWITCHES[name])} |" in PAGE


def test_no_switch_is_made_up():
    named = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")}
    assert named == set(SWITCHES)


@pytest.mark.parametrize("kind", list(FaultKind))
def test_a_fault_is_named(kind):
    assert f"`{kind.value}`" in PAGE
