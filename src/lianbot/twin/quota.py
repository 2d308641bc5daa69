"""Daily call quotas of the Official Account and their clearing."""

from __future__ import annotations

from lianbot.twin.answers import RefusedError
from lianbot.twin.phones import Content
from lianbot.twin.world import World, day_of

# Classic daily quotas [S32][S61]; stable_token [S56].
DAILY = {
    "/cgi-bin/token": 2_000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/menu/create": 1_000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/menu/delete": 1_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/media/upload": 5_000,
    "/cgi-bin/message/mass/sendall": 100,
    "/cgi-bin/message/mass/send": 100,
}
_CLEARINGS_A_MONTH = 10


class Quotas:
    """Counts calls a natural day."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.daily = dict(DAILY)
        self._minute: dict[str, tuple[int, int]] = {}

    def count(self, path: str) -> None:
        """One call; 45009 beyond the day's quota."""
        limit = self.daily.get(path)
        if limit is None:
            return
        book, day = self.world.quotas, day_of(self.world.clock.now())
        if day != book.day:
            book.day, book.used = day, {}
        used = book.used.get(path, 0)
        if used >= limit:
            raise RefusedError(45009, "reach max api daily quota limit")
        book.used[path] = used + 1

    def count_minute(self, path: str, limit: int) -> None:
        """One call; 45011 beyond `limit` in this minute."""
        minute = int(self.world.clock.now() // 60)
        known, used = self._minute.get(path, (minute, 0))
        used = used if known == minute else 0
        if used >= limit:
            raise RefusedError(45011, "api minute-quota reach limit")
        self._minute[path] = (minute, used + 1)

    def clear(self) -> None:
        """Set the day's counts to nothing, ten times a month [S59]."""
        month = self.world.clock.local().strftime("%Y-%m")
        cleared = self.world.quotas.cleared
        if cleared.get(month, 0) >= _CLEARINGS_A_MONTH:
            raise RefusedError(48006, "forbid to clear quota because of reaching the limit")
        cleared[month] = cleared.get(month, 0) + 1
        self.world.quotas.used = {}

    def report(self, path: str) -> Content:
        """Limit, use and rest of one API."""
        limit, used = self.daily.get(path, 0), self.world.quotas.used.get(path, 0)
        return {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}
