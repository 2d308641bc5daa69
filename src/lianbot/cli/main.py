"""The `lianbot` command: every command of design §9, each in a file of its own, loaded only when it is asked for."""

from importlib import import_module

import typer

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "demo"),
    "init": ("init", "init"),
    "serve": ("serve", "serve"),
    "doctor": ("doctor", "doctor"),
    "stats": ("stats", "stats"),
    "ask": ("ask", "ask"),
    "stop-all": ("switches", "stop_all"),
    "resume-all": ("switches", "resume_all"),
}
GROUPS = (
    "db",
    "roster",
    "bind",
    "content",
    "campaign",
    "hours",
    "ledger",
    "menu",
    "backup",
    "twin",
    "door",
    "officer",
)


def build(wanted: str | None) -> typer.Typer:
    """The application with the one command that is wanted; with all of them when none is (help, a wrong name).

    Loading everything takes seconds on a small machine, and `lianbot ask` needs a tenth of it.
    """
    app = typer.Typer(
        name="lianbot",
        help="廉洁提醒机器人：给后勤一线员工的微信短课、确认、意见与问答。",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # one lone command would swallow its own name; a callback keeps the names
    app.callback()(_nothing)
    known = wanted in COMMANDS or wanted in GROUPS
    for name, (module, function) in COMMANDS.items():
        if not known or name == wanted:
            app.command(name)(getattr(import_module(f"lianbot.cli.{module}"), function))
    for name in GROUPS:
        if not known or name == wanted:
            app.add_typer(import_module(f"lianbot.cli.{name}").app, name=name)
    return app


def _nothing() -> None:
    """廉洁提醒机器人：给后勤一线员工的微信短课、确认、意见与问答。"""
