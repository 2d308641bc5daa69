"""The officer's commands end honestly: one line and the agreed exit code for every error of the tool."""

import functools
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import typer

from lianbot.officer.keyfile import KeyFileError
from lianbot.officer.opening import SealedFileError
from lianbot.officer.passphrases import PassphraseError
from lianbot.printing.fonts import FontMissingError
from lianbot.sealing.recipients import RecipientsError

PROBLEM = 1
WRONG_USAGE = 2
CANNOT_RUN = 3

BROKEN = (
    KeyFileError,
    PassphraseError,
    RecipientsError,
    SealedFileError,
    FontMissingError,
    OSError,
)
"""Nothing can be done with these files; every other ValueError is a refused step."""

P = ParamSpec("P")


def honest(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the tool's own errors into one line and an exit code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BROKEN as broken:
            stop(broken, CANNOT_RUN)
        except ValueError as refused:
            stop(refused, PROBLEM)

    return run


def stop(error: Exception, code: int) -> NoReturn:
    """Say what is wrong and leave."""
    typer.echo(f"错误：{error}", err=True)
    raise typer.Exit(code)
