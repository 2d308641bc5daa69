"""Properties over whole bundles: no byte under a checkpoint can change, and no junk is accepted."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianbot.evidence.verify_bundle import BundleError, verify

COVERED = ("entries.jsonl", "keys.json", "checkpoints", "editions", "rosters")
once_made = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


@pytest.fixture
def sealed(bundle: Any) -> Path:
    """The good bundle, signed to its last entry, without the parts that nothing signs for."""
    bundle.checkpoint(18, bundle.minute_of(16) + timedelta(hours=5), 16)
    (bundle.folder / "disclosures.jsonl").unlink()
    shutil.rmtree(bundle.folder / "anchors")
    verify(bundle.folder, strict=True)
    return Path(bundle.folder)


@once_made
@given(data=st.data(), flip=st.integers(1, 255))
def test_no_byte_under_a_checkpoint_can_be_changed(
    data: st.DataObject, flip: int, sealed: Path
) -> None:
    files = sorted(
        path
        for top in COVERED
        for path in (sealed / top, *(sealed / top).glob("*"))
        if path.is_file()
    )
    path = data.draw(st.sampled_from(files))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
    try:
        with pytest.raises(BundleError):
            verify(sealed, strict=True)
    finally:
        path.write_bytes(whole)


@once_made
@given(data=st.data())
def test_no_file_can_be_cut_or_lengthened(data: st.DataObject, sealed: Path) -> None:
    name = data.draw(st.sampled_from(["entries.jsonl", "keys.json", "checkpoints/11.txt"]))
    whole = (sealed / name).read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    extra = data.draw(st.binary(min_size=1, max_size=20))
    try:
        for changed in (whole[:cut], whole + extra):
            (sealed / name).write_bytes(changed)
            with pytest.raises(BundleError):
                verify(sealed, strict=True)
    finally:
        (sealed / name).write_bytes(whole)


@once_made
@given(junk=st.binary(max_size=200) | st.text(max_size=120).map(str.encode))
def test_junk_after_the_last_entry_is_refused_without_another_error(
    junk: bytes, sealed: Path
) -> None:
    whole = (sealed / "entries.jsonl").read_bytes()
    (sealed / "entries.jsonl").write_bytes(whole + junk + b"\n")
    try:
        with pytest.raises(BundleError):
            verify(sealed)
    finally:
        (sealed / "entries.jsonl").write_bytes(whole)
