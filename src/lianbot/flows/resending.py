"""重发: what a person decides about rows whose answer was lost and that no platform can tell apart any more (P2)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from lianbot.domain.amendments import Choice
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.flows.settling import told_apart_at
from lianbot.ports.clock import Clock
from lianbot.ports.control import Apart, Undecided, UnknownBook


class Resending:
    """What console and command line do with unknown rows."""

    def __init__(self, *, book: UnknownBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    async def undecided(self, occurrence_id: UUID) -> Undecided:
        """How many wait for a person, and how many for the platform."""
        return await self._book.undecided(occurrence_id, self._apart())

    async def decide(
        self,
        occurrence_id: UUID,
        choice: Choice,
        account: Account,
        rows: Collection[int] | None = None,
    ) -> Sequence[int]:
        """For those rows, or for all that wait. `again` may reach somebody twice: whoever decides is told so.

        Raises NotAllowedError, NotFoundError, InvalidInputError when there is nothing to decide.
        """
        if not account.may(Role.SCHEDULER):
            raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能决定重发")
        chosen = await self._book.decide(
            occurrence_id, choice, self._apart(), rows, account.id, self._clock.now()
        )
        if not chosen:
            raise InvalidInputError(
                "不明的", "没有要由人决定的：平台还能核对的会自己核对，更正过的不再发"
            )
        return chosen

    def _apart(self) -> Apart:
        return told_apart_at(self._clock.now())
