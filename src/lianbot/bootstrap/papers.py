"""Slips and posters as PDF: the flow's records laid out with the words for them."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from lianbot.bootstrap.house import House, NotReadyError
from lianbot.domain.binding import Poster, grouped
from lianbot.domain.codes import Post
from lianbot.domain.people import ChannelKind, Team
from lianbot.domain.posts import PostProfile
from lianbot.flows.bind_papers import BindPapers, PrintedSlip
from lianbot.phrases import binding as say

# `printing` is imported where somebody prints: reportlab and the fonts would make every start wait


def bind_papers(house: House) -> BindPapers:
    """Raises NotReadyError when nothing could be printed: better before codes are made than after."""
    from lianbot.printing.fonts import FontMissingError, chinese_font

    try:
        chinese_font()
    except FontMissingError as error:
        raise NotReadyError(str(error)) from error
    public = house.settings.public_url.rstrip("/")
    return BindPapers(
        desk=house.bind_desk,
        account=house.account_desk,
        code_hash=house.binding.code_hash,
        page_url=f"{public}/m/bind" if public else "",
        clock=house.clock,
    )


def slips_pdf(made: Sequence[PrintedSlip], posts: Mapping[Post, PostProfile]) -> bytes:
    """Raises FontMissingError naming the package."""
    from lianbot.printing.slips import Slip, SlipWords, slip_sheet

    return slip_sheet(
        [
            Slip(
                name=one.worker.name,
                place=say.slip_place(
                    one.worker.team, posts[one.worker.post].short, one.worker.number
                ),
                address=one.address,
                code=grouped(one.code),
                last_day=one.last_day.isoformat(),
            )
            for one in made
        ],
        SlipWords(
            title=say.SLIP_TITLE, how=say.SLIP_HOW, typed=say.SLIP_TYPED, until=say.SLIP_UNTIL
        ),
    )


def posters_pdf(made: Sequence[Poster]) -> bytes:
    """Raises FontMissingError naming the package."""
    from lianbot.printing.slips import Wall, WallWords, posters

    return posters(
        [Wall(team=one.team, address=one.url) for one in made],
        WallWords(title=say.POSTER_TITLE, how=say.POSTER_HOW, note=say.POSTER_NOTE),
    )


class Printer:
    """web.console.BindPrinter over this house."""

    def __init__(self, house: House) -> None:
        self._house = house

    @property
    def channel(self) -> ChannelKind:
        return ChannelKind.WECOM if self._house.account_desk is None else ChannelKind.OFFICIAL

    async def slips(self, workers: Sequence[UUID], by: UUID) -> bytes:
        made = await bind_papers(self._house).slips(workers, by=by)
        return await asyncio.to_thread(slips_pdf, made, self._house.profiles)

    async def posters(self, teams: Sequence[Team], by: UUID) -> bytes:
        made = await bind_papers(self._house).posters(teams, by=by)
        return await asyncio.to_thread(posters_pdf, made)
