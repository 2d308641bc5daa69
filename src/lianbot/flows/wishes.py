"""What a bound worker may say about being bound: when it suits, whether at all, another phone, no more."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from lianbot.domain.binding import masked
from lianbot.domain.calendar import local
from lianbot.domain.people import ChannelKind, ConsentPurpose, KnownWorker, PreferredTime
from lianbot.domain.screens import Button, Screen
from lianbot.phrases import binding as say
from lianbot.ports.binding import BindBook
from lianbot.ports.clock import Clock
from lianbot.ports.consents import ConsentBook

_TIMES: Final = {label: time for time, label in say.TIMES.items()}
_AGREE: Final = frozenset({say.AGREE, "订阅学习提醒", "开提醒"})
_STOP: Final = frozenset({"取消提醒", "退订"})
_UNBIND: Final = "解绑"
_REALLY: Final = "确认解绑"
"""Of the last one on an account. A number would be said twice, or repeated by the platform, by those who share
one: the second time it would stand for whoever is left."""
_AGAIN: Final = frozenset({"我要收", "恢复"})
_NEW_ACCOUNT: Final = frozenset({"换号", "换微信", "换手机", "换手机号"})
WISHES: Final = (
    frozenset({say.DISAGREE, _UNBIND, _REALLY})
    | _TIMES.keys()
    | _AGREE
    | _STOP
    | _AGAIN
    | _NEW_ACCOUNT
)
_NUMBERED: Final = re.compile(r"(.+?)\s*([1-9])")


def plain(text: str) -> str:
    """A typed word without what thumbs add to it."""
    return unicodedata.normalize("NFKC", text[:64]).strip(" 。.!！“”\"'·\n\t")


def numbered(text: str) -> tuple[str, int | None]:
    """懂了2 → 懂了, 1: whose word it is on an account of two."""
    found = _NUMBERED.fullmatch(plain(text))
    return (found[1], int(found[2]) - 1) if found else (plain(text), None)


def whose(word: str, sharers: Sequence[KnownWorker]) -> Screen:
    """The same word with a number behind it, one for each who shares the account."""
    labels = [f"{word}{place}" for place in range(1, len(sharers) + 1)]
    names = [masked(one.name) for one in sharers]
    return Screen(text=say.whose(names), buttons=buttons(*labels))


def buttons(*labels: str) -> tuple[Button, ...]:
    return tuple(Button(key=f"bind:{label}", label=label) for label in labels)


class Wishes:
    """Every word stands for itself, so nothing has to be remembered between two messages."""

    def __init__(
        self,
        *,
        book: BindBook,
        consents: ConsentBook,
        clock: Clock,
        refresh: Callable[[], Awaitable[object]],
    ) -> None:
        self._book = book
        self._consents = consents
        self._clock = clock
        self._refresh = refresh

    async def said(
        self, channel: ChannelKind, account: str, text: str, sharers: Sequence[KnownWorker]
    ) -> Screen:
        """The screen for one of the words; of several who share the account the number tells whose it is."""
        word, index = numbered(text)
        if word in _NEW_ACCOUNT:
            return Screen(text=say.CHANGE_ACCOUNT)
        if word in (_UNBIND, _REALLY):
            index = (0 if word == _REALLY else None) if len(sharers) == 1 else index
            return await self._unbind(channel, account, index, sharers)
        if len(sharers) == 1:
            return await self._settled(channel, sharers[0], word)
        if index is None or index >= len(sharers):
            return whose(word, sharers)
        return await self._settled(channel, sharers[index], word)

    async def _settled(self, channel: ChannelKind, who: KnownWorker, word: str) -> Screen:
        now = self._clock.now()
        today = local(now).date()
        if word in _TIMES:
            await self._book.set_time(who.id, _TIMES[word], now)
            return await self._after_time(channel, who, _TIMES[word])
        if word in _AGAIN:
            return Screen(text=say.WHEN, buttons=buttons(*say.TIMES.values()))
        if channel is not ChannelKind.OFFICIAL and (word in _STOP or word == say.DISAGREE):
            # WeCom's app messages need no consent; whoever wants none of them reads on paper
            await self._book.set_time(who.id, PreferredTime.PAPER_ONLY, now)
            return Screen(text=say.PAPER)
        if word in _AGREE:
            await self._consents.give(who.id, channel, ConsentPurpose.TEMPLATE, say.CONSENT, today)
            return Screen(text=f"{say.AGREED}{say.CONSENT}")
        if word in _STOP or word == say.DISAGREE:
            stood = await self._consents.withdraw(who.id, channel, ConsentPurpose.TEMPLATE, today)
            if word == say.DISAGREE:
                return Screen(text=say.DECLINED)
            return Screen(text=say.WITHDRAWN if stood else say.NO_CONSENT)
        return Screen(text=say.ALREADY)

    async def _after_time(
        self, channel: ChannelKind, who: KnownWorker, time: PreferredTime
    ) -> Screen:
        if time is PreferredTime.PAPER_ONLY:
            await self._consents.withdraw(
                who.id, channel, ConsentPurpose.TEMPLATE, local(self._clock.now()).date()
            )
            return Screen(text=say.PAPER)
        if channel is not ChannelKind.OFFICIAL:
            return Screen(text=say.time_kept(say.TIMES[time]))
        text = f"{say.time_kept(say.TIMES[time])}\n{say.CONSENT}"
        return Screen(text=text, buttons=buttons(say.AGREE, say.DISAGREE))

    async def _unbind(
        self,
        channel: ChannelKind,
        account: str,
        index: int | None,
        sharers: Sequence[KnownWorker],
    ) -> Screen:
        if index is None or index >= len(sharers):
            labels = (
                [f"{_UNBIND}{place}" for place in range(1, len(sharers) + 1)]
                if len(sharers) > 1
                else [_REALLY]
            )
            lines = [
                f"{label}（{masked(one.name)}）"
                for label, one in zip(labels, sharers, strict=True)
            ]
            return Screen(text=f"{say.UNBIND_HOW}{'、'.join(lines)}", buttons=buttons(*labels))
        await self._book.unbind(
            channel, account, sharers[index].id, by=None, now=self._clock.now()
        )
        await self._refresh()
        return Screen(text=say.UNBOUND)
