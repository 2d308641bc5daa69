"""Logs: events with keys, ids and counts; never message text, never a token. The one place that sets them up."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

import structlog

_QUERY_SECRETS = re.compile(
    r"(access_token|secret|corpsecret|code|msg_signature|signature|token|k)=[^&\s\"']+"
)


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


class _RedactingFilter(logging.Filter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self._redactor.clean(record.getMessage())
        record.args = ()
        return True


def set_up_logs(
    secrets: Iterable[str] = (), *, level: int = logging.INFO, file: Path | None = None
) -> None:
    """Plain lines on standard error, or in `file`, cleaned. aiohttp's access log stays off: it would write addresses."""
    redactor = Redactor(secrets)
    handler = (
        logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    )
    handler.addFilter(_RedactingFilter(redactor))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("aiohttp.access", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # it warns of every tick that comes while a push is still under way
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            redactor,
            structlog.processors.LogfmtRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
