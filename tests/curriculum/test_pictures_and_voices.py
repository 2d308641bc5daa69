"""Drawings beside their sources, recordings from phones in both forms, and the machine voice that says so."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from fakes.sounds import packed, spoken
from lianbot.curriculum import load
from lianbot.curriculum.drawing import WIDTH, draw, draw_all
from lianbot.curriculum.media import MOST_PICTURE_BYTES, unsafe_in
from lianbot.curriculum.recording import LARGEST, convert, wrapper_of
from lianbot.curriculum.voice import MOST_SECONDS, fault_of, seconds_of
from lianbot.curriculum.voicing import keep_voice
from lianbot.domain.errors import InvalidInputError

MEDIA = Path(__file__).parents[2] / "content" / "media"
SOURCES = sorted(MEDIA.glob("*.svg"))
SQUARE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4"/></svg>'
)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_shipped_picture_is_what_its_source_draws(source: Path) -> None:
    shipped = Image.open(source.with_suffix(".png")).convert("RGB")
    drawn = Image.open(io.BytesIO(draw(source.read_bytes()))).convert("RGB")
    assert shipped.size == drawn.size == (WIDTH, WIDTH * 320 // 480)
    assert max(high for _, high in ImageChops.difference(shipped, drawn).getextrema()) <= 2
    assert source.with_suffix(".png").stat().st_size <= MOST_PICTURE_BYTES


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert draw(SQUARE) == draw(SQUARE)


@pytest.mark.parametrize(
    "evil",
    [b"<script/>", b'<image href="http://x/y.png"/>', b"<text>a</text>", b'<rect onload="x()"/>'],
)
def test_a_source_with_more_than_shapes_is_not_drawn(evil: bytes) -> None:
    with pytest.raises(InvalidInputError):
        draw(SQUARE.replace(b"<rect", evil + b"<rect"))


def test_draw_all_says_what_changed_and_then_nothing(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.svg").write_bytes(SQUARE)
    assert draw_all(tmp_path) == ["a.png"]
    assert draw_all(tmp_path) == []
    (tmp_path / "media" / "b.svg").write_bytes(b"<svg")
    with pytest.raises(InvalidInputError, match=r"media/b\.svg"):
        draw_all(tmp_path)


def test_no_shipped_source_holds_anything_but_shapes() -> None:
    assert [unsafe_in(path.read_bytes()) for path in SOURCES] == [""] * len(SOURCES)


def test_a_recording_comes_out_as_amr_and_mp3_of_its_length() -> None:
    made = convert(spoken(3.2))
    assert made.amr.startswith(b"#!AMR\n")
    for form in (made.amr, made.mp3):
        assert fault_of(form) == ""
        assert seconds_of(form) == pytest.approx(3.2, abs=0.3)


BROWSERS = [
    ("webm", "libopus", {}),
    ("ogg", "libopus", {}),
    ("mp4", "aac", {}),
    ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
    ("adts", "aac", {}),
    ("mp3", "libmp3lame", {}),
    ("amr", "", {}),
]


@pytest.mark.parametrize(("container", "codec", "options"), BROWSERS)
def test_what_phones_and_browsers_record_is_taken(
    container: str, codec: str, options: dict[str, str]
) -> None:
    sound = packed(1.5, container, codec, **options) if codec else convert(spoken(1.5)).amr
    made = convert(sound)
    assert made.seconds == pytest.approx(1.5, abs=0.3)
    assert fault_of(made.amr) == ""


def test_hours_in_one_file_are_given_up_after_two_minutes() -> None:
    with pytest.raises(InvalidInputError, match="超过 60 秒"):
        convert(spoken(MOST_SECONDS * 2 + 1))


def test_too_large_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(InvalidInputError, match="太大"):
        convert(b"\x1aE\xdf\xa3" + bytes(LARGEST))


@pytest.mark.parametrize(
    "lists",
    [
        b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/a.aac\n",
        b"ffconcat version 1.0\nfile lianbot.db\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>',
    ],
)
def test_a_play_list_is_not_even_opened(lists: bytes) -> None:
    assert wrapper_of(lists) == ""
    with pytest.raises(InvalidInputError, match="认不出"):
        convert(lists)


@pytest.mark.parametrize("container", ["webm", "mp4", "ogg"])
def test_a_broken_recording_is_refused_in_words_wherever_it_breaks(container: str) -> None:
    whole = packed(0.6, container, "aac" if container == "mp4" else "libopus")
    for at in range(8, len(whole), max(len(whole) // 23, 1)):
        broken = whole[:at] + bytes(byte ^ 0x5A for byte in whole[at : at + 16]) + whole[at + 16 :]
        for data in (broken, whole[:at]):
            try:
                convert(data)
            except InvalidInputError as error:
                assert "录音" in str(error)


def test_longer_than_a_minute_is_refused_with_its_length() -> None:
    with pytest.raises(InvalidInputError, match=r"6[23] 秒"):
        convert(spoken(MOST_SECONDS + 2.5))


@pytest.mark.parametrize("junk", [b"", b"not sound", b"\xff" * 4000, SQUARE])
def test_what_is_no_sound_is_refused_in_words(junk: bytes) -> None:
    with pytest.raises(InvalidInputError, match="录音"):
        convert(junk)


def test_a_kept_voice_stands_in_the_item_and_in_its_edition(school: Path) -> None:
    root, item = school, "LSN-RECV-001"
    before = next(one.sha256 for one in load(root).items if one.id == item)
    made = convert(spoken(2))
    with pytest.raises(InvalidInputError, match="先放平常速度"):
        keep_voice(root, item, made, slow=True)
    keep_voice(root, item, made)
    keep_voice(root, item, made, slow=True)
    after = next(one for one in load(root).items if one.id == item)
    assert after.sha256 != before
    names = [one["name"] for one in json.loads(after.edition_bytes)["media"]]
    assert [name for name in names if name.startswith("voice/")] == [
        f"voice/{item}.mp3",
        f"voice/{item}.amr",
        f"voice/{item}-slow.mp3",
        f"voice/{item}-slow.amr",
    ]


def test_a_voice_for_an_item_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in ("LSN-NOBODY-001", "../../etc/passwd"):
        with pytest.raises(InvalidInputError, match="内容编号"):
            keep_voice(tmp_path, name, convert(spoken(1)))
