"""The stop-all switch: turned by command line and console in the same way, never without a trace."""

from datetime import datetime

from lianbot.domain.errors import NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.ports.desk import AuditRow, SwitchDesk

EVERYTHING = "全部推送"


async def turn_stop_all(switch: SwitchDesk, on: bool, account: Account, now: datetime) -> None:
    """While it is on nothing leaves. Raises NotAllowedError."""
    if not account.may(Role.SCHEDULER, Role.SYSADMIN):
        raise NotAllowedError(f"账号 {account.name} 不是推送管理员或系统管理员")
    action = "switch.stop_all" if on else "switch.resume_all"
    await switch.turn(on, AuditRow(action=action, subject=EVERYTHING), account.id, now)
