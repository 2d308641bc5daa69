"""Checkpoints and bundles over a real database: signed when something was added, verified by anybody."""

from datetime import timedelta

import pytest

from fakes.house import people
from lianbot.evidence.checkpoints import open_note
from lianbot.evidence.keys import public_key
from lianbot.evidence.verify_bundle import BundleError, verify


@pytest.fixture
async def stage(staged):
    async with staged(people(3)) as stage:
        yield stage


async def test_a_checkpoint_is_signed_with_the_key_beside_the_database(stage, tmp_path):
    made = await stage.house.ledgering.checkpoint()
    seed = bytes.fromhex((tmp_path / "ledger.key").read_text().strip())
    opened = open_note(made.note.encode(), name="lianbot-ledger", pub=public_key(seed))
    assert (opened.size, opened.log) == (made.size, stage.house.origin)


async def test_nothing_new_nothing_signed(stage):
    assert await stage.house.ledgering.checkpoint() is not None
    assert await stage.house.ledgering.checkpoint() is None


async def test_each_checkpoint_names_the_one_before(stage):
    first = await stage.house.ledgering.checkpoint()
    await stage.push()
    second = await stage.house.ledgering.checkpoint()
    assert f"prev {first.size} {first.root}" in second.note


async def test_a_checkpoint_that_was_missed_is_made_up_for_and_no_other(stage):
    now = stage.house.clock.now()
    assert await stage.house.ledgering.catch_up(now - timedelta(hours=1)) is not None
    await stage.push()
    assert await stage.house.ledgering.catch_up(now - timedelta(hours=1)) is None


async def test_an_export_signs_first_so_that_even_strict_finds_no_loose_tail(stage, tmp_path):
    await stage.push()
    await stage.house.ledgering.export(tmp_path / "first")
    await stage.twin.type_text("hq000", "懂了")
    report = await stage.house.ledgering.export(tmp_path / "second")
    assert verify(tmp_path / "second", strict=True) == report


async def test_an_export_into_a_folder_that_holds_something_leaves_it_alone(stage, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises((BundleError, ValueError, OSError)):
        await stage.house.ledgering.export(tmp_path / "full")
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["mine.txt"]
