"""The edge of every command: one event loop, errors in words, exit codes 0 ok · 1 found problems · 2 wrong usage · 3 cannot run."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from enum import IntEnum
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from lianbot.bootstrap import NotReadyError
from lianbot.curriculum import ContentError
from lianbot.domain.errors import InvalidInputError, LianbotError, NotAllowedError, NotFoundError
from lianbot.settings import PREFIX, TOML

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，给脚本用")]


class Exit(IntEnum):
    """What a script may rely on."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2
    CANNOT_RUN = 3


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs the command's work; our own errors end it with their sentence and the right code."""
    return guarded(lambda: asyncio.run(work))


def guarded(work: Callable[[], Result]) -> Result:
    """The same for work that needs no loop: reading the settings, above all."""
    try:
        return work()
    except LianbotError as error:
        fail(str(error), exit_code_of(error))
    except ContentError as error:
        fail(f"内容文件有错，什么也没有做：\n{error}", Exit.PROBLEMS)
    except KeyboardInterrupt:
        fail("已停下", Exit.CANNOT_RUN)


def exit_code_of(error: LianbotError) -> Exit:
    match error:
        case NotReadyError():
            return Exit.CANNOT_RUN
        case InvalidInputError() if error.place.startswith((PREFIX, TOML)):
            return Exit.CANNOT_RUN
        case InvalidInputError():
            return Exit.PROBLEMS
        case NotAllowedError() | NotFoundError():
            return Exit.USAGE
        case _:
            return Exit.PROBLEMS


def fail(text: str, code: Exit) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(code)


def say(text: str = "") -> None:
    typer.echo(text)


def say_json(value: object) -> None:
    """One object, one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def say_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(str(cell) for cell in row))
        return
    # only here: most commands, and every start of `serve`, draw nothing
    from rich.console import Console
    from rich.table import Table

    table = Table(*head)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)
