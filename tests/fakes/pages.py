"""A phone page as a person uses it: its token, its buttons, and what pressing them does."""

import re
from dataclasses import dataclass

from multidict import MultiDict

from lianbot.twin import Twin
from lianbot.twin.browser import Visit

RIGHT = "过秤写满，两人签"
"""The right option of every question of the small content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One visit of one phone."""

    twin: Twin
    account: str
    url: str
    status: int
    text: str

    @classmethod
    async def open(cls, twin: Twin, account: str, url: str) -> "Page":
        return cls._of(twin, account, url, await twin.open(account, url))

    @classmethod
    def _of(cls, twin: Twin, account: str, url: str, visit: Visit) -> "Page":
        return cls(twin=twin, account=account, url=url, status=visit.status, text=visit.text)

    async def press(self, where: str, **form: str) -> "Page":
        """Sends the page's own form: token, what was read, and what is pressed."""
        hidden = [("t", self.token), *(("read", one) for one in self.values("read"))]
        fields = MultiDict([*hidden, *form.items()])
        visit = await self.twin.submit(self.account, self.url + where, fields)
        return self._of(self.twin, self.account, self.url, visit)

    async def answer(self, *, right: bool) -> "Page":
        """Presses the right option, or the first wrong one."""
        wanted = [value for value, text in self.options if (text == RIGHT) is right]
        return await self.press("/quiz", option=wanted[0])

    @property
    def options(self) -> list[tuple[str, str]]:
        return re.findall(r'<button name="option" value="(\d+)">([^<]+)</button>', self.text)

    @property
    def token(self) -> str:
        found = self.values("t")
        assert found, "the page carries no token: it is read-only"
        return found[0]

    def values(self, name: str) -> list[str]:
        return re.findall(rf'name="{name}" value="([^"]+)"', self.text)

    def link(self, start: str) -> str:
        found = re.search(rf'href="({re.escape(start)}[^"]+)"', self.text)
        assert found is not None, f"no link that starts with {start}"
        return found[1]
