"""A tone as a phone's recorder would hand it over."""

import io
import math
import struct
import wave

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
