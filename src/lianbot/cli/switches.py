"""`lianbot stop-all` and `resume-all`: nothing leaves until resumed."""

from lianbot.bootstrap import open_house
from lianbot.cli.acting import As, act_as
from lianbot.cli.edge import run, say
from lianbot.flows.switching import turn_stop_all
from lianbot.settings import load_settings


def stop_all(as_name: As) -> None:
    """全部停发：直到 resume-all，一条也不再交给平台。"""
    run(_switch(True, as_name))
    say("已全部停发。恢复请运行 lianbot resume-all")


def resume_all(as_name: As) -> None:
    """恢复推送。"""
    run(_switch(False, as_name))
    say("已恢复推送。")


async def _switch(on: bool, as_name: str) -> None:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        await turn_stop_all(house.switches, on, account, house.clock.now())
