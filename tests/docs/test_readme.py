"""The first page leads somewhere and promises no more than the programs do."""

import re
from pathlib import Path

import pytest

from lianbot.phrases import demo

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINKS = sorted(set(re.findall(r"\]\(([^)#:]+)\)", README)))


@pytest.mark.parametrize("link", LINKS)
def test_the_readme_links_to_a_file_that_exists(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize(
    "text",
    [README, demo.LEDGER[1], (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")],
    ids=["README.md", "the demo", "docs/commands.md"],
)
def test_the_edited_line_is_promised_only_together_with_the_receipt(text):
    """The verifier alone knows before which checkpoint something was changed, not which line."""
    assert "哪一个签点之前被改过；和员工手里的回执一对，就知道是哪一条" in text
    assert "说出是哪一条" not in text
