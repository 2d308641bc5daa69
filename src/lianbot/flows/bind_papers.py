"""Slips and posters: codes are made, printed, and only their hashes kept."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lianbot.domain.binding import SLIP_LIFE, Bindable, Poster
from lianbot.domain.calendar import local
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ChannelKind, Team
from lianbot.flows.binding import POSTER_SCENE, SLIP_SCENE
from lianbot.ports.account import AccountDesk
from lianbot.ports.binding import BindDesk
from lianbot.ports.clock import Clock

AT_ONCE = 10
"""Codes asked of the platform at the same time; a school of 1,500 takes a minute or two."""
MOST = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedSlip:
    """What goes onto the paper, and nowhere else."""

    worker: Bindable
    code: str
    address: str
    last_day: date


class BindPapers:
    """Makes what is printed. With an Official Account the code is the platform's own, else our page's address."""

    def __init__(
        self,
        *,
        desk: BindDesk,
        account: AccountDesk | None,
        code_hash: Callable[[str], bytes],
        page_url: str,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._account = account
        self._code_hash = code_hash
        self._page = page_url
        self._clock = clock

    @property
    def channel(self) -> ChannelKind:
        """By which the printed codes are read."""
        return ChannelKind.WECOM if self._account is None else ChannelKind.OFFICIAL

    async def slips(self, workers: Sequence[UUID], *, by: UUID | None) -> Sequence[PrintedSlip]:
        """In order of contractor and team; the workers' former open slips are void afterwards.

        Raises InvalidInputError when there is nobody or too many, AccountRefusedError when the platform
        gives no codes; then nothing was changed.
        """
        people = await self._desk.slips_for(workers)
        if not 0 < len(people) <= MOST:
            raise InvalidInputError("绑定条", f"选到 {len(people)} 人：一次 1 到 {MOST} 人")
        now = self._clock.now()
        codes = [f"{secrets.randbelow(10**12):012}" for _ in people]
        addresses = await self._addresses(codes)
        made = [
            PrintedSlip(
                worker=worker,
                code=code,
                address=address,
                last_day=local(now).date() + SLIP_LIFE,
            )
            for worker, code, address in zip(people, codes, addresses, strict=True)
        ]
        await self._desk.add_slips(
            [(one.worker.worker_id, self._code_hash(one.code)) for one in made], by=by, now=now
        )
        return made

    async def posters(self, teams: Sequence[Team], *, by: UUID | None) -> Sequence[Poster]:
        """One a team; printed again it is the same code, because permanent ones are 100,000 an account [S64]."""
        if not teams:
            raise InvalidInputError("海报", "没有选到班组：看 lianbot roster export 里的班组")
        known = {one.team_id: one for one in await self._desk.posters(self.channel)}
        return [known.get(team.id) or await self._new_poster(team, by) for team in teams]

    async def _new_poster(self, team: Team, by: UUID | None) -> Poster:
        scene = f"{POSTER_SCENE}{secrets.token_hex(8)}"
        poster = Poster(
            scene=scene,
            channel=self.channel,
            team_id=team.id,
            team=team.name,
            url=await self._address(scene, lasting=True),
        )
        return await self._desk.add_poster(poster, by=by, now=self._clock.now())

    async def _addresses(self, codes: Sequence[str]) -> list[str]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(code: str) -> str:
            async with gate:
                return await self._address(f"{SLIP_SCENE}{code}", lasting=False)

        return list(await asyncio.gather(*(one(code) for code in codes)))

    async def _address(self, scene: str, *, lasting: bool) -> str:
        if self._account is not None:
            return await self._account.scene_code(scene, None if lasting else SLIP_LIFE)
        if not self._page:
            raise InvalidInputError(
                "LIANBOT_PUBLIC_URL", "没有写，条上的码打不开：写外网看到的地址，以 https:// 开头"
            )
        return f"{self._page}/{scene}"
