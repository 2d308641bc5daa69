"""Small things the tick keeps in order."""

from datetime import datetime
from typing import Protocol


class Upkeep(Protocol):
    """What must be looked at again and again."""

    async def refresh_directory(self) -> None:
        """Reload who-is-this when the roster changed."""
        ...

    async def wipe_repeats(self, before: datetime) -> None:
        """Forget keyed hashes of pushes older than that, words whose time is over, and what binding keeps for a while."""
        ...

    async def roll_up(self) -> None:
        """Sum up old pushes, so that pages of figures need not."""
        ...

    async def record_intake(self) -> None:
        """Take what the door published into the ledger, where a door stands beside us."""
        ...

    async def look_at_duties(self) -> None:
        """The officer's Mondays."""
        ...

    async def keep_topics(self) -> None:
        """Write the day's counts of asked topics, those that are large enough."""
        ...


class Follower(Protocol):
    """What happens in a round once the messages have left."""

    async def run(self) -> None: ...
