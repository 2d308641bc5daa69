"""撤回: asks the platform to take back what it accepted, and writes down what the platform said (P1)."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from lianbot.domain.amendments import RecallState
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.messages import Accepted, NoAnswer, NotSent, Refused, SendAction, SendOutcome
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.ports.channel import Channel
from lianbot.ports.clock import Clock
from lianbot.ports.control import RecallBook

AT_ONCE = 20


class Recalling:
    """Asked for by a person, done by the tick; stop-all does not hold it up, because it takes back."""

    def __init__(
        self, *, book: RecallBook, channels: Mapping[ChannelKind, Channel], clock: Clock
    ) -> None:
        self._book = book
        self._channels = channels
        self._clock = clock

    async def ask(self, occurrence_id: UUID, account: Account) -> Counter[RecallState]:
        """For every row of the push that the platform accepted; how many in which state.

        Raises NotAllowedError, NotFoundError, InvalidInputError while the push still goes out or has nothing to recall.
        """
        if not account.may(Role.SCHEDULER):
            raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能撤回")
        now = self._clock.now()
        oldest = {
            kind: now - channel.recall_within
            for kind, channel in self._channels.items()
            if channel.recall_within is not None
        }
        asked = await self._book.ask(occurrence_id, oldest, account.id, now)
        if not asked:
            raise InvalidInputError("撤回", "没有平台已接受的，没有可以撤回的")
        return asked

    async def look(self) -> None:
        """Tries what is asked for: each message once, and what the platform said stands in the row."""
        now = self._clock.now()
        await self._book.lose(now)
        for kind, channel in self._channels.items():
            if channel.recall_within is None:
                continue
            oldest = now - channel.recall_within
            while messages := await self._book.claim(kind, oldest, AT_ONCE, now):
                outcomes = await asyncio.gather(*(channel.recall(one) for one in messages))
                for message, outcome in zip(messages, outcomes, strict=True):
                    await self._book.mark(kind, message, *settled(outcome), now)


def settled(outcome: SendOutcome) -> tuple[RecallState, int | None, str]:
    """Pure: recalled only where the platform said so; no answer is unknown; what never left is asked again."""
    match outcome:
        case Accepted():
            return RecallState.RECALLED, None, ""
        case NoAnswer():
            return RecallState.UNKNOWN, None, outcome.detail
        case NotSent():
            return RecallState.ASKED, None, outcome.detail
        case Refused(action=SendAction.RETRY | SendAction.RETRY_LATER):
            return RecallState.ASKED, outcome.errcode, outcome.detail
        case Refused():
            return RecallState.REFUSED, outcome.errcode, outcome.detail
