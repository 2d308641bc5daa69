"""Export of one case for the archive: text and photos, each marked with who took it out and when."""

import io
import json
import zipfile
from dataclasses import asdict
from datetime import date

from PIL import Image, ImageDraw, UnidentifiedImageError

from lianbot.officer.casework import NAMES, Case

MIDNIGHT = (1980, 1, 1, 0, 0, 0)
LARGEST_SIDE = 4000


def archive(case: Case, photos: dict[str, bytes], officer: str, day: date) -> bytes:
    """A zip of one case, marked with the office's id and the day; keys to the reporter's mailbox are left out, file times say nothing."""
    record = {
        name: value for name, value in asdict(case).items() if name not in {"ko", "kb", "rpk"}
    }
    record["state"] = NAMES[case.state]
    record["watermark"] = f"{officer} {day.isoformat()}"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        text = json.dumps(record, ensure_ascii=False, indent=1)
        file.writestr(zipfile.ZipInfo(f"{case.id}/案件.json", MIDNIGHT), text)
        for letter in case.letters:
            for number, tag in enumerate(letter.photos, 1):
                if tag in photos:
                    name = f"{case.id}/来件{letter.number}-照片{number}.jpg"
                    marked = copied(photos[tag], f"{officer} {day.isoformat()}")
                    file.writestr(zipfile.ZipInfo(name, MIDNIGHT), marked)
    return out.getvalue()


def copied(raw: bytes, mark: str = "") -> bytes:
    """The picture's dots in a new picture: re-saving would keep comments and profiles.

    Raises ValueError when the bytes are no picture of a sensible size.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=["JPEG"]) as image:
            if max(image.size) > LARGEST_SIDE:
                raise ValueError(f"照片太大：{image.size}")
            dots = image.convert("RGB")
    except (UnidentifiedImageError, OSError) as bad:
        raise ValueError("不是照片") from bad
    fresh = Image.new("RGB", dots.size)
    fresh.paste(dots)
    if mark:
        ImageDraw.Draw(fresh).text((8, 8), mark.encode("ascii", "replace").decode(), fill="red")
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=85)
    return out.getvalue()
