"""`lianbot content voice|speak|draw` as an editor types them."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fakes.sounds import spoken
from lianbot.cli.content import app
from lianbot.curriculum.voice import seconds_of

SHIPPED = Path(__file__).parents[2] / "content"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "content"
    shutil.copytree(SHIPPED, root)
    return root


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "手机录的.wav"
    path.write_bytes(spoken(2))
    return path


def test_a_phones_recording_becomes_both_forms_and_is_named_in_the_item(folder, tone):
    out = run("voice", "LSN-RECV-001", str(tone), "--content", str(folder))
    assert "2 秒" in out
    for form in ("mp3", "amr"):
        data = (folder / "voice" / f"LSN-RECV-001.{form}").read_bytes()
        assert seconds_of(data) == pytest.approx(2, abs=0.3)
    assert "voice: voice/LSN-RECV-001.mp3" in (folder / "lessons/LSN-RECV-001.md").read_text(
        "utf-8"
    )


def test_a_file_that_is_not_there_or_no_sound_changes_nothing(folder, tmp_path):
    before = (folder / "lessons/LSN-RECV-001.md").read_bytes()
    run("voice", "LSN-RECV-001", str(tmp_path / "nowhere"), "--content", str(folder), code=2)
    junk = tmp_path / "junk.m4a"
    junk.write_bytes(b"junk")
    out = run("voice", "LSN-RECV-001", str(junk), "--content", str(folder), code=1)
    assert "录音" in out
    assert (folder / "lessons/LSN-RECV-001.md").read_bytes() == before
    assert not (folder / "voice").exists()


def test_without_a_speaking_program_the_sentence_says_what_to_do(folder, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "lianbot content voice" in run(
        "speak", "LSN-RECV-001", "--content", str(folder), code=3
    )


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is an extra")
def test_a_machines_voice_is_marked_in_its_name(folder):
    out = run("speak", "LSN-RECV-001", "--content", str(folder))
    assert "合成语音" in out
    assert (folder / "voice/LSN-RECV-001-synthetic.mp3").is_file()


def test_drawing_the_shipped_pictures_changes_none(folder):
    assert "都是最新的" in run("draw", "--content", str(folder))
