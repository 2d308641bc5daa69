"""What may stand in a log: events, kinds and counts; never a secret, whoever writes the line."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from lianbot.logs import Redactor, set_up_logs

SECRET = "planted-secret-0123456789"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard error while the logs are set up; the root logger as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    set_up_logs([SECRET])
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_known_secret_is_taken_out_of_a_line(lines):
    logging.getLogger("lianbot.x").warning("calling with %s", SECRET)
    assert SECRET not in lines.getvalue()
    assert "***" in lines.getvalue()


def test_a_known_secret_is_taken_out_of_a_traceback(lines):
    try:
        raise ValueError(f"cannot reach https://q/?x={SECRET}")
    except ValueError:
        logging.getLogger("lianbot.x").exception("a call failed")
    assert "ValueError" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_a_known_secret_is_taken_out_of_an_event(lines):
    structlog.get_logger().warning("sent", url=f"https://q/?x={SECRET}")
    assert SECRET not in lines.getvalue()


@pytest.mark.parametrize(
    "name",
    ["access_token", "corpsecret", "secret", "code", "msg_signature", "signature", "token", "k"],
)
def test_a_secret_looking_parameter_is_taken_out_even_when_nobody_knew_it(name):
    cleaned = Redactor().clean(f"GET https://q/a?{name}=abc123&next=1")
    assert cleaned == f"GET https://q/a?{name}=***&next=1"


@pytest.mark.parametrize("words", ["task=12", "errcode=40001", "week=3"])
def test_a_name_that_only_ends_like_a_secret_stays(words):
    assert Redactor().clean(f"tick {words} done") == f"tick {words} done"


def test_a_secret_in_the_words_of_an_exception_is_taken_out_though_nobody_knew_it(lines):
    try:
        raise ValueError("cannot reach https://q/?access_token=abc123")
    except ValueError:
        logging.getLogger("lianbot.x").exception("a call failed")
    assert "access_token=***" in lines.getvalue()
    assert "abc123" not in lines.getvalue()


def test_a_secret_inside_a_longer_one_leaves_no_half_of_it():
    redactor = Redactor([SECRET, SECRET[:12]])
    assert redactor.clean(f"<{SECRET}>") == "<***>"


@pytest.mark.parametrize("name", ["aiohttp.access", "sqlalchemy.engine", "alembic"])
def test_libraries_that_would_write_addresses_or_rows_are_quiet(lines, name):
    logging.getLogger(name).info("GET /m/i/1 from 10.0.0.1")
    assert lines.getvalue() == ""
