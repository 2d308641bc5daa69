"""A tone as a phone's recorder would hand it over, or a browser's."""

import io
import math
import struct
import wave

import av

RATE = 8_000


def spoken(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sheet:
        sheet.setnchannels(1)
        sheet.setsampwidth(2)
        sheet.setframerate(RATE)
        tone = (round(9000 * math.sin(at / 6)) for at in range(round(RATE * seconds)))
        sheet.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return out.getvalue()


def packed(seconds: float, container: str, codec: str, **options: str) -> bytes:
    """The same tone as a browser packs it: webm with opus (Chrome), mp4 in pieces with aac (Safari)."""
    out = io.BytesIO()
    with (
        av.open(io.BytesIO(spoken(seconds)), "r") as source,
        av.open(out, "w", format=container, options=options) as target,
    ):
        stream = target.add_stream(codec, rate=48_000)
        stream.layout = "mono"
        frames = [*source.decode(source.streams.audio[0])]
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=48_000)
        for frame in (*frames, None):
            for part in resampler.resample(frame):
                target.mux(stream.encode(part))
        target.mux(stream.encode(None))
    return out.getvalue()
