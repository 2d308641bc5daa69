"""`lianbot door …` and `lianbot officer …` without the rest of the house: their process must not even load it (P3)."""

import typer

from lianbot.cli import door, officer

app = typer.Typer(
    name="lianbot", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.add_typer(door.app, name="door")
app.add_typer(officer.app, name="officer")
