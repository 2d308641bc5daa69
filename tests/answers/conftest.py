from collections.abc import Mapping
from pathlib import Path

import pytest

from lianbot.cli.ask import open_answering
from lianbot.curriculum.faq import load_library, read_wordings
from lianbot.domain.codes import Topic
from lianbot.flows.answering import Answering
from lianbot.understanding.library import Library

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"


@pytest.fixture(scope="session")
def content() -> Path:
    return ROOT / "content"


@pytest.fixture(scope="session")
def library(content: Path) -> Library:
    return load_library(content)


@pytest.fixture(scope="session")
def answering(content: Path) -> Answering:
    return open_answering(content)


@pytest.fixture(scope="session")
def held_out() -> Mapping[Topic, tuple[str, ...]]:
    return read_wordings(CORPUS / "heldout.txt")
