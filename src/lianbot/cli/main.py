"""The `lianbot` command: every command of design §9, each in a file of its own."""

import typer

from lianbot.cli import backup, campaign, content, db, door, ledger, menu, officer, roster, twin
from lianbot.cli.ask import ask
from lianbot.cli.demo import demo
from lianbot.cli.doctor import doctor
from lianbot.cli.init import init
from lianbot.cli.serve import serve
from lianbot.cli.stats import stats
from lianbot.cli.switches import resume_all, stop_all

app = typer.Typer(
    name="lianbot",
    help="廉洁提醒机器人：给后勤一线员工的微信短课、确认、意见与问答。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (demo, init, serve, doctor, stats, ask):
    app.command()(command)
app.command("stop-all")(stop_all)
app.command("resume-all")(resume_all)
for name, group in {
    "db": db.app,
    "roster": roster.app,
    "content": content.app,
    "campaign": campaign.app,
    "ledger": ledger.app,
    "menu": menu.app,
    "backup": backup.app,
    "twin": twin.app,
    "door": door.app,
    "officer": officer.app,
}.items():
    app.add_typer(group, name=name)
