"""重发: what a person decides about rows whose answer was lost and that no platform can tell apart any more (P2)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from lianbot.domain.amendments import Choice
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.flows.settling import told_apart_at
from lianbot.ports.clock import Clock
from lianbot.ports.control import Apart, LostRow, Undecided, UnknownBook

MOST_LISTED = 500
"""A longer list is not read by anybody: the whole push is decided at once then."""
LARGEST_ROW = 2**63 - 1
"""What the database can hold as a number."""


class Resending:
    """What console and command line do with unknown rows."""

    def __init__(self, *, book: UnknownBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    async def undecided(self, occurrence_id: UUID) -> Undecided:
        """How many wait for a person, and how many for the platform."""
        return await self._book.undecided(occurrence_id, self._apart())

    async def lost(
        self, occurrence_id: UUID, limit: int = MOST_LISTED, rows: Collection[int] | None = None
    ) -> Sequence[LostRow]:
        """Row by row, at most `limit`: what waits for a person first. `rows`: only those of these."""
        return await self._book.lost(occurrence_id, self._apart(), limit, rows)

    async def decide(
        self,
        occurrence_id: UUID,
        choice: Choice,
        account: Account,
        rows: Collection[int] | None = None,
    ) -> Sequence[int]:
        """For those rows, or for all that wait. `again` may reach somebody twice: whoever decides is told so.

        Raises NotAllowedError, NotFoundError, InvalidInputError when there is nothing to decide, or when one of
        `rows` is not to be decided about: then none of them is.
        """
        if not account.may(Role.SCHEDULER):
            raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能决定重发")
        wrong = [row for row in rows or () if not 0 < row <= LARGEST_ROW]
        if wrong:
            raise InvalidInputError(f"送达记录 {wrong[0]}", "没有这样的编号，见 campaign unknown")
        chosen = await self._book.decide(
            occurrence_id, choice, self._apart(), rows, account.id, self._clock.now()
        )
        if not chosen:
            raise InvalidInputError(
                "不明的",
                "没有要由人决定的：平台还能核对的会自己核对，更正过的、换了新版的和过期的不再发",
            )
        return chosen

    def _apart(self) -> Apart:
        return told_apart_at(self._clock.now())
