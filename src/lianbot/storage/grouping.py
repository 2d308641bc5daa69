"""Group commit: requests that arrive while a commit runs wait and form the next batch (design §3)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")

BATCH = 64


class GroupCommit(Generic[Request, Outcome]):
    """One writer task; `submit` returns when the batch that holds the request is committed.

    No timer: a lone request is committed at once, and under load the batches grow by themselves.
    `rest` is for requests in no hurry: while batches hold more than one, they
    start at least that many seconds apart, so that fewer and larger ones cost less.
    A batch that fails as a whole is tried again one by one, so that a bad request harms only itself.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Request]], Awaitable[Sequence[Outcome]]],
        *,
        limit: int = BATCH,
        rest: float = 0.0,
    ) -> None:
        self._commit = commit
        self._limit = limit
        self._rest = rest
        self._waiting: list[tuple[Request, asyncio.Future[Outcome]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def submit(self, request: Request) -> Outcome:
        """The outcome, durable; raises what the commit of this request raised."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await future

    async def drain(self) -> None:
        """Wait until nothing is waiting any more."""
        while self._writer is not None:
            await asyncio.shield(self._writer)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                started = loop.time()
                batch = self._waiting[: self._limit]
                del self._waiting[: self._limit]
                await self._write_batch(batch)
                if self._rest and len(batch) > 1:
                    await asyncio.sleep(started + self._rest - loop.time())
        finally:
            self._writer = None

    async def _write_batch(self, batch: list[tuple[Request, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._commit([request for request, _ in batch])
        except Exception as error:  # noqa: BLE001 - the edge of the writer's loop: it goes to the caller
            if len(batch) == 1:
                _fail(batch[0][1], error)
                return
            for one in batch:
                await self._write_batch([one])
            return
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)


def _fail(future: asyncio.Future[Outcome], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
