from pathlib import Path

import pytest

from lianbot.curriculum.faq import load_library
from lianbot.understanding.library import Library
from lianbot.understanding.reader import Understanding

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library(CONTENT)


@pytest.fixture(scope="session")
def understanding(library: Library) -> Understanding:
    return Understanding(library.language)
