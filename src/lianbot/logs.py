"""Logs: events with keys, ids and counts; never message text, never a token. The one place that sets them up."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

import structlog

_QUERY_SECRETS = re.compile(r"\b(\w*token|\w*secret|\w*signature|(?:js_|auth_)?code|k)=[^&\s\"']+")
"""From the start of the name: the last letter of `task=12` is no key."""
_CALLER = re.compile(r" from \S+")
_HANDLING = "Error handling request"


class Redactor:
    """Takes out what must not be logged: known secrets, and secret-looking query parameters."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({one for one in secrets if len(one) >= 6}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _QUERY_SECRETS.sub(r"\1=***", text)

    def __call__(
        self, _logger: Any, _name: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = self.clean(value)
        return event


class _RedactingFormatter(logging.Formatter):
    """Cleans the finished line: an exception's own words carry addresses and tokens, too."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.clean(super().format(record))


def _without_address(record: logging.LogRecord) -> bool:
    """aiohttp's own errors name the caller: `Error handling request from ADDRESS`.

    What a handler raised is logged by web.app; what is left of these are requests that are no HTTP, with
    their bytes in the traceback: not kept at all.
    """
    if str(record.msg).startswith(_HANDLING):
        return False
    record.msg, record.args = _CALLER.sub("", record.getMessage()), ()
    return True


def set_up_logs(
    secrets: Iterable[str] = (), *, level: int = logging.INFO, file: Path | None = None
) -> None:
    """Plain lines on standard error, or in `file`, cleaned. aiohttp's access log stays off: it would write addresses."""
    redactor = Redactor(secrets)
    handler = (
        logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    )
    handler.setFormatter(_RedactingFormatter(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("aiohttp.access", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(_without_address)
    # it warns of every tick that comes while a push is still under way
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            redactor,
            structlog.processors.LogfmtRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
