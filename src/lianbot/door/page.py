"""The one document: front page, form and mailbox in one file, with the hashes its policy names."""

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from lianbot.door.keeper import read_list
from lianbot.sealing.recipients import RecipientsError

BUILT = Path(__file__).parent / "page"
LARGEST_FRONT = 1_000_000


class PageError(RuntimeError):
    """The page cannot be served; the message names the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """What `node build.mjs` made: the frame, the one script and the one style."""

    frame: str
    script: str
    style: str

    @property
    def script_hash(self) -> str:
        """Hex SHA-256 of the script; it stands in out/intake.json and on the poster."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def load_assets(folder: Path = BUILT) -> Assets:
    """The built files; PageError names the build command when they are not there."""
    try:
        return Assets(
            frame=(folder / "door.html").read_text(encoding="utf-8"),
            script=(folder / "door.js").read_text(encoding="utf-8"),
            style=(folder / "door.css").read_text(encoding="utf-8"),
        )
    except FileNotFoundError as missing:
        raise PageError(
            f"{missing.filename}: not built; run `npm ci && node build.mjs` in frontend/"
        ) from missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Headers and both forms of the document."""

    headers: dict[str, str]
    plain: bytes
    zipped: bytes


@dataclass(kw_only=True)
class Page:
    """Renders the document anew when the day, the recipients or in/front.json changed.

    A list that is broken, signed by another key or of another salt leaves the last good document in force.
    """

    assets: Assets
    folder: Path
    origin: str
    salt: bytes = b""
    _key: tuple[object, ...] = ()
    _answer: Answer | None = field(default=None)

    def answer(self, day: date) -> Answer:
        """The document of that day."""
        key = (day, _mark(self._recipients), _mark(self._front))
        if self._answer is None or key != self._key:
            self._key, self._answer = key, self._rendered(day)
        return self._answer

    @property
    def _recipients(self) -> Path:
        return self.folder / "recipients.json"

    @property
    def _front(self) -> Path:
        return self.folder / "in" / "front.json"

    def _rendered(self, day: date) -> Answer:
        try:
            return self._render(day)
        except RecipientsError:
            if self._answer is None:
                raise
            return self._answer

    def _render(self, day: date) -> Answer:
        raw, recipients = read_list(self.folder)
        if self.salt and recipients.salt != self.salt:
            raise RecipientsError("recipients.json: another salt orphans every receipt")
        data = {
            "v": 1,
            "day": day.isoformat(),
            "epoch": recipients.epoch_on(day),
            "recipients": json.loads(raw),
            "front": read_front(self._front),
        }
        # "<" written as \u003c: a text of front.json cannot end the data block
        block = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
        text = (
            self.assets.frame.replace("/*STYLE*/", self.assets.style, 1)
            .replace("/*DATA*/", block, 1)
            .replace("/*SCRIPT*/", self.assets.script, 1)
        )
        plain = text.encode()
        return Answer(
            headers=page_headers(self.assets, self.origin),
            plain=plain,
            zipped=gzip.compress(plain, 9, mtime=0),
        )


def read_front(path: Path) -> dict[str, object]:
    """Lessons and questions as the rest of the house placed them; anything wrong shows as nothing."""
    try:
        if path.stat().st_size > LARGEST_FRONT:
            return {}
        front = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return front if isinstance(front, dict) else {}


def page_headers(assets: Assets, origin: str) -> dict[str, str]:
    """The policy of door.md §1: opaque origin, two hashes, nothing but our own /c/."""
    policy = (
        "sandbox allow-scripts allow-forms; default-src 'none'; "
        f"script-src 'sha256-{_hash(assets.script)}' 'wasm-unsafe-eval' 'unsafe-eval'; "
        f"style-src 'sha256-{_hash(assets.style)}'; connect-src {origin}/c/; img-src blob:; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }


def origin_of(public_url: str) -> str:
    """https://HOST[:PORT] of the front page's address."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}"


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _mark(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns
