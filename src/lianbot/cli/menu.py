"""`lianbot menu show|push`: the account's menu out of content/menu.yaml."""

import typer

from lianbot.bootstrap import content_directory
from lianbot.cli.edge import AsJson, Exit, fail, say, say_json
from lianbot.curriculum import ContentError, load_menu
from lianbot.settings import load_settings

app = typer.Typer(help="公众号菜单：看内容里写的，推到账号上。", no_args_is_help=True)


@app.command()
def show(as_json: AsJson = False) -> None:
    """content/menu.yaml 里的菜单。"""
    try:
        menu = load_menu(content_directory(load_settings()))
    except ContentError as error:
        fail(str(error), Exit.PROBLEMS)
    if as_json:
        say_json(
            [{"name": top.name, "children": [one.name for one in top.children]} for top in menu]
        )
        return
    for top in menu:
        say(top.name)
        for one in top.children:
            say(f"  {one.name}")


@app.command()
def push() -> None:
    """（以后的版本）把菜单推到公众号；公众号渠道接好以后才有。"""
    fail("menu push 还没有做：要等公众号渠道接好", Exit.CANNOT_RUN)
