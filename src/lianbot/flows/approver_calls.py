"""A line a day to reviewers for whom something waits, with the link to the phone page (design §8).

No lesson: it counts against no cap, but leaves only inside the windows of the person's post. It is constant and names
nothing that waits. Rows decide as for the officer's Mondays: begun once a day and person, whatever dies on the way.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lianbot.domain.calendar import crowded, local, may_leave
from lianbot.domain.codes import Post
from lianbot.domain.hours import Hours
from lianbot.domain.messages import NotSent
from lianbot.domain.people import ChannelKind, Role
from lianbot.domain.posts import PostProfile
from lianbot.flows.duties import LOST_AFTER, send_line, state_of
from lianbot.phrases import duties as say
from lianbot.ports.channel import Channel
from lianbot.ports.clock import Clock
from lianbot.ports.duties import Addressee, Duty, DutyBook
from lianbot.ports.hours import HoursBook
from lianbot.ports.outbox import Staff

LOOK_EVERY = timedelta(minutes=5)
"""What waits may wait five minutes more; every tick would ask the database for nothing."""


class ApproverCalls:
    """Looked at on every tick; silent without a public address, for there would be nothing to open."""

    def __init__(
        self,
        *,
        book: DutyBook,
        hours: HoursBook,
        profiles: Mapping[Post, PostProfile],
        staff: Staff,
        channels: Mapping[ChannelKind, Channel],
        clock: Clock,
        page_url: str,
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        """`allowed`: the pilot's numbers, empty for everybody."""
        self._book = book
        self._hours = hours
        self._profiles = profiles
        self._staff = staff
        self._channel = channels.get(ChannelKind.WECOM)
        self._clock = clock
        self._page_url = page_url
        self._allowed = allowed
        self._next: datetime | None = None

    async def look(self) -> None:
        now = self._clock.now()
        if self._channel is None or not self._page_url or (self._next and now < self._next):
            return
        self._next = now + LOOK_EVERY
        if crowded(now) or await self._staff.stopped():
            return
        await self._book.name_lost(now - LOST_AFTER)
        hours = await self._hours.hours()
        for one in await self._book.addressees():
            if self._may_hear(one, hours, now) and await self._book.waits_for(one.account.id):
                await self._tell(one, now)

    def _may_hear(self, one: Addressee, hours: Hours, now: datetime) -> bool:
        if not one.account.may(Role.REVIEWER) or not one.wecom or one.times is None:
            return False
        if self._allowed and one.number not in self._allowed:
            return False
        times = one.times
        if times.ended is not None and times.ended < local(now).date():
            return False
        laid = hours.of_posts(
            self._profiles, times.posts, times.team_id, times.shift, times.preferred
        )
        return may_leave(laid, now)

    async def _tell(self, one: Addressee, now: datetime) -> None:
        day, who = f"{local(now):%Y%m%d}", str(one.account.id)
        if not await self._book.begin(Duty.APPROVALS, day, who, now):
            return
        text = say.something_waits(self._page_url)
        outcome = await send_line(self._channel, one, f"{Duty.APPROVALS}-{day}", text)
        if isinstance(outcome, NotSent):
            await self._book.give_back(Duty.APPROVALS, day, who)
        else:
            await self._book.mark(Duty.APPROVALS, day, who, state_of(outcome))
