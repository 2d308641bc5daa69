"""How long a recorded voice file plays: AMR and MP3 frames counted from the bytes, nothing decoded."""

from typing import Final

MOST_SECONDS: Final = 60
MOST_BYTES: Final = 2 * 1024 * 1024
"""Both platforms take voice up to 60 s and 2 MB [S62]."""

_AMR: Final = b"#!AMR\n"
_AMR_FRAME: Final = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)
"""Bytes of a narrow-band frame by its type, header included; each plays 20 ms."""
_BITRATES: Final = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def seconds_of(data: bytes) -> float | None:
    """Playing time, or None when the bytes are neither AMR nor MP3."""
    if data.startswith(_AMR):
        return _amr_seconds(data)
    return _mp3_seconds(data)


def fault_of(data: bytes) -> str:
    """What is wrong with a voice file in words, or "" when it may be used."""
    if len(data) > MOST_BYTES:
        return f"{len(data) / 1024 / 1024:.1f} MB"
    seconds = seconds_of(data)
    if seconds is None:
        return "不是 AMR，也不是 MP3"
    return f"{seconds:.0f} 秒" if seconds > MOST_SECONDS else ""


def _amr_seconds(data: bytes) -> float:
    position, frames = len(_AMR), 0
    while position < len(data):
        position += _AMR_FRAME[data[position] >> 3 & 0x0F]
        frames += 1
    return frames * 0.02


def _mp3_seconds(data: bytes) -> float | None:
    """A player looks for the next frame after anything it cannot read, and plays on: so does this count."""
    position = _after_id3(data)
    if _mp3_frame(data[position : position + 4]) is None:
        return None
    seconds = 0.0
    while 0 <= position <= len(data) - 4:
        frame = _mp3_frame(data[position : position + 4])
        if frame is None:
            position = data.find(b"\xff", position + 1)
            continue
        size, playing = frame
        position += size
        seconds += playing
    return seconds or None


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    return 10 + sum(
        (byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True)
    )


def _mp3_frame(header: bytes) -> tuple[int, float] | None:
    """(bytes, seconds) of one Layer III frame."""
    if len(header) < 4:
        return None
    version = header[1] >> 3 & 3
    if header[0] != 0xFF or header[1] & 0xE0 != 0xE0 or version == 1 or header[1] >> 1 & 3 != 1:
        return None
    bitrate_index, rate_index = header[2] >> 4, header[2] >> 2 & 3
    if bitrate_index in {0, 15} or rate_index == 3:
        return None
    bitrate = _BITRATES[1 if version == 3 else 2][bitrate_index] * 1000
    rate = _RATES[version][rate_index]
    samples = 1152 if version == 3 else 576
    return samples // 8 * bitrate // rate + (header[2] >> 1 & 1), samples / rate
