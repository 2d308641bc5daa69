"""Fixtures that open a whole house; a conftest that wants them imports them."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from fakes.house import Stage, open_stage, prepare


@pytest.fixture(scope="session")
def prepared(small_content: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Schema, two accounts and approved content: made once, copied by every test."""
    return asyncio.run(prepare(tmp_path_factory.mktemp("prepared"), small_content))


@pytest.fixture
def staged(
    small_content: Path, prepared: Path, tmp_path: Path
) -> Callable[..., AbstractAsyncContextManager[Stage]]:
    """`async with staged(people, …) as stage`: a whole house with these people and their phones."""
    return lambda crowd, **settings: open_stage(
        tmp_path, small_content, prepared, crowd, **settings
    )
