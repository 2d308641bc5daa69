"""A recording as a phone makes it → the two forms that are sent and played: AMR for the platforms, MP3 for pages."""

import io
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, cast

from lianbot.curriculum.voice import MOST_BYTES, MOST_SECONDS, fault_of, seconds_of
from lianbot.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

LARGEST: Final = 20 * 1024 * 1024
"""A minute from any phone is far below; more is a wrong file, and would only cost memory."""

_WRAPPERS: Final = (
    (0, b"\x1aE\xdf\xa3", "matroska"),  # webm with opus: Chrome and Android on the page
    (4, b"ftyp", "mp4"),  # mp4, m4a, 3gp: iPhones, and most recorders
    (0, b"OggS", "ogg"),
    (0, b"RIFF", "wav"),
    (0, b"#!AMR", "amr"),
    (0, b"fLaC", "flac"),
    (0, b"caff", "caf"),
    (0, b"ID3", "mp3"),
)
"""Only these are opened, each as what it says it is: left to guess, the library would also follow play lists and open sockets."""

_AMR_RATE, _AMR_FRAME, _AMR_BITS = 8_000, 160, 12_200
_MP3_RATE, _MP3_BITS = 24_000, 48_000
_FIELD: Final = "录音"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One voice in both forms."""

    amr: bytes
    mp3: bytes
    seconds: float


def convert(data: bytes) -> Recording:
    """Raises InvalidInputError with the mend: too long, too large, no sound in it, or no converter here."""
    if find_spec("av") is None:  # the extra `media` is not installed
        raise InvalidInputError(
            _FIELD,
            "这台机器没有装转换录音的库，请运行 pip install 'lianbot[media]'，或者直接给 .mp3 和 .amr",
        )
    if len(data) > LARGEST:
        raise InvalidInputError(_FIELD, f"文件 {len(data) // 2**20} MB，太大，最多 20 MB")
    mp3 = _encoded(data, "mp3", "libmp3lame", _MP3_RATE, _MP3_BITS, None)
    seconds = seconds_of(mp3) or 0.0
    if seconds > MOST_SECONDS + 0.5:
        raise InvalidInputError(
            _FIELD, f"念了 {seconds:.0f} 秒，最多 {MOST_SECONDS} 秒，念快一点或者把稿子改短"
        )
    amr = _encoded(data, "amr", "libopencore_amrnb", _AMR_RATE, _AMR_BITS, _AMR_FRAME)
    for made in (mp3, amr):
        fault = fault_of(made)
        if fault:
            raise InvalidInputError(
                _FIELD, f"转出来不合用：{fault}，最多 {MOST_BYTES // 2**20} MB"
            )
    return Recording(amr=amr, mp3=mp3, seconds=seconds)


def wrapper_of(data: bytes) -> str:
    """The container by its first bytes, or "" for what is not opened at all."""
    for at, mark, name in _WRAPPERS:
        if data[at : at + len(mark)] == mark:
            return name
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "aac" if data[1] & 0x06 == 0 else "mp3"
    return ""


def _encoded(
    data: bytes, container: str, codec: str, rate: int, bits: int, frame: int | None
) -> bytes:
    # here, because it is 26 MB that only a process needs which converts a recording
    import av

    out = io.BytesIO()
    wrapper = wrapper_of(data)
    if not wrapper:
        raise InvalidInputError(_FIELD, "认不出这个文件，请用手机的录音机重新录")
    try:
        with (
            av.open(io.BytesIO(data), "r", format=wrapper) as source,
            av.open(out, "w", format=container) as target,
        ):
            if not source.streams.audio:
                raise InvalidInputError(_FIELD, "这个文件里没有声音，请重新录")
            stream = cast("AudioStream", target.add_stream(codec, rate=rate))
            stream.layout = "mono"
            stream.bit_rate = bits
            resampler = av.AudioResampler(
                format=stream.format, layout="mono", rate=rate, frame_size=frame
            )
            heard = 0.0
            for found in source.decode(source.streams.audio[0]):
                heard += found.samples / max(found.sample_rate, 1)
                if heard > MOST_SECONDS * 2:
                    raise InvalidInputError(_FIELD, f"超过 {MOST_SECONDS} 秒，请重新录")
                for part in resampler.resample(found):
                    target.mux(stream.encode(part))
            for part in resampler.resample(None):
                target.mux(stream.encode(part))
            target.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise InvalidInputError(
            _FIELD, f"认不出这个文件（{type(error).__name__}），请用手机的录音机重新录"
        ) from None
    return out.getvalue()
