"""Simulated workers: some tap, some answer wrong first, some say 做不到, some stay silent, one lead reads aloud."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from multidict import MultiDict

from lianbot.demo.school import DemoSchool
from lianbot.twin import Twin
from lianbot.twin.phones import Bubble

ACTS: tuple[tuple[str, int], ...] = (
    ("quiz_right", 34),
    ("quiz_wrong_first", 14),
    ("tap", 18),
    ("reply", 8),
    ("cannot", 3),
    ("not_understood", 3),
    ("ask", 4),
    ("silent", 16),
)
QUESTIONS = (
    "供货商塞了两条烟，咋办？",
    "老板让我签空白验收单",
    "剩的馒头能带回家喂鸡不",
    "两个月没发工资找谁",
    "捡了个手机",
    "公家的油卡给我车加一次",
)
_TOKEN = re.compile(r'name="t" value="([^"]+)"')
_OPTION = re.compile(r'name="option" value="(\d+)"')
_READ = re.compile(r'name="read" value="([^"]+)"')
_PRESENT = re.compile(r'name="present" value="([^"]+)"')


@dataclass(slots=True)
class Crowd:
    """The workers of a run; the same seed acts the same way. `right`: stem of a question → its right option."""

    twin: Twin
    school: DemoSchool
    seed: int
    public_url: str
    right: Mapping[str, str]
    seen: dict[str, int] = field(default_factory=dict)
    asked: int = 0

    async def react(self) -> None:
        """Everybody with a new message does what they do; a reminder wakes half of the silent."""
        for worker in self.school.workers:
            if worker.account is None:
                continue
            bubbles = self.twin.received(worker.account)
            before = self.seen.get(worker.account, 0)
            if len(bubbles) > before:
                await self._act(worker.account, bubbles[-1], first=before == 0)
                self.seen[worker.account] = len(self.twin.received(worker.account))

    async def _act(self, account: str, bubble: Bubble, *, first: bool) -> None:
        dice = random.Random(f"{self.seed}:{account}:{first}")
        names, weights = zip(*ACTS, strict=True)
        act = dice.choices(names, weights)[0]
        if not first and dice.random() < 0.5:
            return
        match act:
            case "quiz_right" | "quiz_wrong_first":
                await self._quiz(account, bubble, dice, wrong_first=act == "quiz_wrong_first")
            case "tap":
                await self._tap(account, bubble, "understood")
            case "cannot" | "not_understood":
                await self._tap(account, bubble, act)
            case "reply":
                await self.twin.type_text(account, "收到")
            case "ask":
                await self.twin.type_text(account, dice.choice(QUESTIONS))
                self.asked += 1
            case _:
                return

    async def _tap(self, account: str, bubble: Bubble, key: str) -> None:
        """On a card a button; in ordinary WeChat the same word typed."""
        if bubble.kind == "template_card":
            await self.twin.tap(account, bubble.id, key)
        else:
            words = {"understood": "懂了", "cannot": "做不到", "not_understood": "没看懂"}
            await self.twin.type_text(account, words[key])

    async def _quiz(
        self, account: str, bubble: Bubble, dice: random.Random, *, wrong_first: bool
    ) -> None:
        url = page_of(bubble.content)
        page = await self.twin.open(account, url)
        token, options = _TOKEN.search(page.text), _OPTION.findall(page.text)
        if token is None or not options:
            return
        await self.twin.submit(account, f"{url}/shown", {"t": token[1]})
        right = next((n for stem, n in self.right.items() if stem in page.text), options[0])
        tries = [right]
        if wrong_first:
            tries.insert(0, dice.choice([one for one in options if one != right]))
        for option in tries:
            await self.twin.submit(account, f"{url}/quiz", {"t": token[1], "option": option})

    async def read_aloud(self, lead: str, names: int) -> int:
        """The lead opens 班前会, ticks the first names of the team and saves; how many were ticked."""
        base = self.public_url
        listing = await self.twin.open(lead, f"{base}/m/team")
        found = re.search(r'href="/m/team/([0-9a-f-]{36})"', listing.text)
        if found is None:
            return 0
        url = f"{base}/m/team/{found[1]}"
        page = await self.twin.open(lead, url)
        token, present = _TOKEN.search(page.text), _PRESENT.findall(page.text)
        if token is None:
            return 0
        ticked = present[:names]
        await self.twin.submit(
            lead,
            url,
            MultiDict(
                [
                    ("t", token[1]),
                    *(("read", one) for one in _READ.findall(page.text)),
                    *(("present", one) for one in ticked),
                ]
            ),
        )
        return len(ticked)


def page_of(content: Mapping[str, object]) -> str:
    """The phone page's address in a message of any form."""
    found = re.search(r"https?://[^\s\"'<>}]+/m/i/[0-9a-f-]{36}", str(content))
    if found is None:
        raise LookupError("a message without a page")
    return found[0]
