"""What scripts and operators rely on is written down: every setting, every command, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from lianbot.cli.main import build
from lianbot.settings import PREFIX, Settings

DOCS = Path(__file__).parents[2] / "docs"
NOT_SETTINGS = {"PASSWORD", "TOTP", "TEST_PG"}


def rows(page: str) -> dict[str, str]:
    """First cell → the whole line, of every table row that begins with code."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return {found[1]: line for line in lines if (found := re.match(r"\| `([^`]+)`", line))}


def commands(command: Any, path: tuple[str, ...] = ("lianbot",)) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield " ".join(path)
        return
    for name, one in inner.items():
        yield from commands(one, (*path, name))


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_setting_is_documented_in_the_words_of_its_help_line(name):
    line = rows("settings.md")[f"{PREFIX}{name.upper()}"]
    assert str(Settings.model_fields[name].description) in line


def test_no_setting_is_documented_that_does_not_exist():
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{PREFIX}{name}" for name in NOT_SETTINGS}
    assert set(rows("settings.md")) <= known


def test_every_command_is_documented_and_no_other():
    assert set(rows("commands.md")) == set(commands(get_command(build(None))))


@pytest.mark.parametrize("page", ["settings.md", "commands.md"])
def test_no_page_names_a_path_of_somebodys_machine(page):
    assert not re.search(r"/(home|Users|root|tmp)/", (DOCS / page).read_text(encoding="utf-8"))
