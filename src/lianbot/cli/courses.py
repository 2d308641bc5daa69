"""`lianbot content adopt-courses`: the order in which workers are taught needs a second person too."""

from lianbot.bootstrap import adopt_courses as adopt_shelves
from lianbot.bootstrap import open_house
from lianbot.cli.acting import As, act_as
from lianbot.cli.edge import run, say
from lianbot.domain.errors import NotAllowedError
from lianbot.domain.people import Role
from lianbot.settings import load_settings


def adopt_courses(as_name: As) -> None:
    """由审核人批准课程表的顺序；发布的人不能批自己发布的。"""
    count = run(_adopt(as_name))
    say(f"批准了 {count} 张课程表。")


async def _adopt(as_name: str) -> int:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        if not account.may(Role.REVIEWER):
            raise NotAllowedError(f"账号 {account.name} 没有审核角色，请换审核人来批")
        return await adopt_shelves(house, account)
