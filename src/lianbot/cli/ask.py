"""`lianbot ask`: what the bot would answer and why, without database or lianbot.toml."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lianbot.curriculum import load_posts
from lianbot.curriculum.faq import LibraryError, load_library, read_wordings
from lianbot.curriculum.kept import open_understanding, own_folder
from lianbot.domain.errors import LianbotError
from lianbot.flows.answering import Answering
from lianbot.flows.answering_measure import Measured, judged, measure
from lianbot.understanding.intents import Intent, Question, Unclear, Urgent, Why

_CANNOT_RUN: Final = 3
_NO_CLOCK: Final = datetime(2026, 12, 1, tzinfo=UTC)
"""Every question of this command stands alone, so any moment will do."""


def content_beside_the_code() -> Path:
    """`content` here, else the one of the checkout this program runs from."""
    here = Path("content")
    return here if here.is_dir() else Path(__file__).resolve().parents[3] / "content"


def open_answering(content: Path, keep: Path | None = None) -> Answering:
    """Answering over a content folder, approved or not; what was counted lies in `keep` for the next time.

    Raises LianbotError with file:line.
    """
    if not content.is_dir():
        raise LibraryError(f"{content}：没有这个内容目录，用 --content 指一下")
    library = load_library(content)
    return Answering(
        library=library,
        understanding=open_understanding(library.language, keep),
        posts={profile.code: profile for profile in load_posts(content)},
        door_url=None,
    )


def replier(answering: Answering) -> Callable[[str], dict[str, Any]]:
    """Text → the object of design §9."""

    def reply(text: str) -> dict[str, Any]:
        intent = answering.read(text, asker=None, now=_NO_CLOCK)
        answered = answering.screen(intent, asker=object(), post=None, now=_NO_CLOCK)
        guess = judged(intent)
        return {
            "topic": guess.topic.value,
            "offered": [each.value for each in guess.offered],
            "score": guess.score,
            "why": _why(intent),
            "answer": answered.screen.text,
        }

    return reply


def _why(intent: Intent) -> dict[str, Any]:
    why = intent.why if isinstance(intent, Question | Unclear | Urgent) else Why(rule="word")
    return {
        "rule": why.rule,
        "matched": list(why.matched),
        "nearest": why.nearest,
        "runner_up": why.runner_up.value if why.runner_up else None,
        "runner_up_score": why.runner_up_score,
    }


def _questions(text: str) -> Iterator[str]:
    if text != "-":
        yield text
        return
    for line in sys.stdin:
        yield line.rstrip("\n")


def _plain(reply: dict[str, Any]) -> str:
    why = reply["why"]
    lines = [
        reply["answer"],
        "",
        f"主题 {reply['topic']}  分数 {reply['score']:.2f}"
        + (f"  按钮 {'、'.join(reply['offered'])}" if reply["offered"] else ""),
        f"看到的词 {'、'.join(why['matched']) or '无'}"
        + (f"  最像的问法 {why['nearest']}" if why["nearest"] else ""),
    ]
    if why["runner_up"]:
        lines.append(f"第二名 {why['runner_up']}  分数 {why['runner_up_score']:.2f}")
    return "\n".join(lines)


def _show(replies: Iterable[dict[str, Any]], as_json: bool) -> None:
    for number, reply in enumerate(replies):
        if as_json:
            typer.echo(json.dumps(reply, ensure_ascii=False))
            continue
        typer.echo(("\n" if number else "") + _plain(reply))


def evaluate(
    answering: Answering, corpus: Path, timer: Callable[[], float] = time.perf_counter
) -> Measured:
    """The figures for a corpus file: `[topic]` lines, one wording a line below."""
    return measure(
        lambda text: answering.read(text, asker=None, now=_NO_CLOCK),
        read_wordings(corpus),
        timer,
    )


def _figures(found: Measured) -> dict[str, Any]:
    return {
        "questions": found.questions,
        "top1": round(found.right, 4),
        "shown_or_offered": round(found.shown, 4),
        "two_buttons": round(found.two_buttons, 4),
        "off_topic": found.off_topic,
        "off_topic_refused": round(found.refused, 4),
        "urgent": found.urgent,
        "urgent_found": round(found.urgent_found, 4),
        "p99_ms": round(found.slowest * 1000, 2),
    }


def _show_figures(found: Measured, as_json: bool) -> None:
    figures = _figures(found)
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        typer.echo(f"{name:18} {value}")
    for miss in found.misses:
        typer.echo(f"{miss.topic.value} → {miss.guess.value}  {miss.text}")


def ask(
    text: Annotated[
        str, typer.Argument(help="问题；写 - 就从标准输入一行读一个", show_default=False)
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="一个问题一行 JSON")] = False,
    content: Annotated[
        Path | None,
        typer.Option("--content", envvar="LIANBOT_CONTENT_DIR", help="内容目录，默认 content"),
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option("--evaluate", help="不答题，按这份标好主题的问法量一量答得准不准"),
    ] = None,
    caches: Annotated[Path, typer.Option(envvar="XDG_CACHE_HOME", hidden=True)] = Path("~/.cache"),
) -> None:
    """看机器人会怎么答：主题、分数、看到的词、第二名。不用数据库，不用 lianbot.toml。"""
    if not text.strip() and corpus is None:
        raise typer.BadParameter("问题是空的，写一句话，或者写 - 从标准输入读")
    try:
        answering = open_answering(content or content_beside_the_code(), own_folder(caches))
        if corpus is not None:
            _show_figures(evaluate(answering, corpus), as_json)
            return
    except LianbotError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_CANNOT_RUN) from None
    reply = replier(answering)
    _show((reply(question) for question in _questions(text)), as_json)
