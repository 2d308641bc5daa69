"""Voice files: playing time from the bytes, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.curriculum import check, voice

AMR_FRAME = bytes([0x3C]) + bytes(31)  # 12.2 kbit/s: 32 bytes, 20 ms
MP3_FRAME = b"\xff\xfb\x50\xc4" + bytes(
    204
)  # MPEG-1 Layer III, 64 kbit/s, 44.1 kHz: 208 bytes, 26.1 ms


def amr(seconds):
    return b"#!AMR\n" + AMR_FRAME * (seconds * 50)


def test_an_amr_file_plays_twenty_milliseconds_a_frame():
    assert voice.seconds_of(amr(7)) == pytest.approx(7)


def test_an_mp3_file_plays_its_frames():
    assert voice.seconds_of(MP3_FRAME * 100) == pytest.approx(100 * 1152 / 44100)


def test_an_id3_tag_is_stepped_over():
    tag = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
    assert voice.seconds_of(tag + MP3_FRAME * 100) == pytest.approx(100 * 1152 / 44100)


def test_sixty_seconds_may_be_used():
    assert voice.fault_of(amr(60)) == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [(amr(61), "61 秒"), (b"RIFFxxxxWAVE", "AMR"), (b"", "AMR"), (bytes(3 * 1024 * 1024), "MB")],
)
def test_what_the_platforms_refuse_is_refused(data, said):
    assert said in voice.fault_of(data)


@given(st.binary(max_size=400))
def test_any_bytes_have_an_answer(data):
    for start in (b"", b"#!AMR\n", b"ID3", b"\xff\xfb"):
        seconds = voice.seconds_of(start + data)
        assert seconds is None or seconds >= 0


def test_a_voice_file_that_is_too_long_is_found(school, put, lesson):
    variants = "{text: true, voice: voice/LSN-RECV-001.amr, picture: null, slow: true}"
    put("lessons/LSN-RECV-001.md", lesson.set(variants=variants))
    (school / "voice").mkdir()
    (school / "voice" / "LSN-RECV-001.amr").write_bytes(amr(75))
    assert [one.rule for one in check(school)] == ["voice-file"]
