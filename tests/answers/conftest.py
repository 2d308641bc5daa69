from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lianbot.cli.ask import open_answering
from lianbot.curriculum.faq import load_library, read_wordings
from lianbot.domain.codes import Topic
from lianbot.flows.answering import Answering
from lianbot.understanding.library import Library

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What `ask` keeps between two questions lies in a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("caches")))
        yield


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
