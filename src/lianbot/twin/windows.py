"""Reply windows of the Official Account: which act allows how many messages for how long."""

from __future__ import annotations

from lianbot.twin.answers import RefusedError
from lianbot.twin.phones import Grant, Phone
from lianbot.twin.world import World

_HOURS_48 = 48 * 3600.0
_MINUTE = 60.0

# What the person did -> how many messages, for how many seconds [S19][S20].
GRANTS = {
    "message": (5, _HOURS_48),
    "menu": (3, _MINUTE),
    "follow": (3, _MINUTE),
    "scan": (3, _MINUTE),
}


class Windows:
    """Keeps each phone's grants and spends the one that ends first."""

    def __init__(self, world: World) -> None:
        self.world = world

    def grant(self, phone: Phone, act: str) -> None:
        """The person acted: a window opens. A msgmenu tap counts as a menu tap [S20]."""
        if act == "msgmenu":
            act = self.world.switches.msgmenu_tap
        number, seconds = GRANTS[act]
        now = self.world.clock.now()
        if self.world.switches.window_grants == "replace":
            phone.grants.clear()
        phone.grants = [each for each in phone.grants if each.expires > now]
        opens = now + self.world.switches.window_opens_after
        phone.grants.append(Grant(now + seconds, number, opens))

    def spend(self, phone: Phone) -> None:
        """One custom message, or the errcode that says why not [S23][S24]."""
        now = self.world.clock.now()
        live = _live(phone, now)
        if not phone.followed or not live:
            raise RefusedError(45015, "response out of time limit or subscription is canceled")
        left = [each for each in live if each.remaining > 0]
        if not left:
            raise RefusedError(45047, "out of response count limit")
        min(left, key=lambda each: each.expires).remaining -= 1

    def left(self, phone: Phone) -> int:
        """How many messages the account may send now."""
        now = self.world.clock.now()
        return sum(each.remaining for each in _live(phone, now))


def _live(phone: Phone, now: float) -> list[Grant]:
    return [each for each in phone.grants if each.opens <= now < each.expires]
