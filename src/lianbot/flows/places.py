"""A number of places that many take in turn."""

import asyncio
from collections import deque
from types import TracebackType


class Places:
    """Like asyncio.Semaphore, first come, first served; but a place that becomes free goes straight to who waits longest.

    The semaphore looks through everybody who waits whenever one comes or goes, which with a hundred of them costs
    a push as much as reading its answers.
    """

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            # cancelled in the same moment in which the place was given: it goes on to the next
            if mine.done() and not mine.cancelled():
                self._pass_on()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            next_one = self._waiting.popleft()
            if not next_one.done():
                next_one.set_result(None)
                return
        self._free += 1
