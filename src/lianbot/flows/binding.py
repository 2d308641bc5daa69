"""Binding: an account that nobody knows becomes a worker's, by slip, by poster, or by what the worker knows."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never
from uuid import uuid4

from lianbot.domain.binding import (
    DIALOGUE_LIFE,
    Bindable,
    BindOutcome,
    Claim,
    Dialogue,
    Newcomer,
    Slip,
    SlipState,
    Step,
    chosen,
    claim_in,
    code_in,
    masked,
    name_in,
)
from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.people import ChannelKind, KnownWorker
from lianbot.domain.posts import PostProfile
from lianbot.domain.screens import Screen
from lianbot.flows.wishes import WISHES, Wishes, buttons, numbered, plain
from lianbot.phrases import binding as say
from lianbot.ports.binding import BindBook
from lianbot.ports.clock import Clock

SLIP_SCENE: Final = "b"
POSTER_SCENE: Final = "t"
_SUBSCRIBED_BY: Final = "qrscene_"
"""Before the scene when the code was scanned by somebody who did not follow yet (§A7)."""
_YES: Final = frozenset({say.YES, "是", "是的", "对", "1"})
_NO: Final = frozenset({say.NO, "不是", "不对", "2"})
_LONGEST_WORD: Final = 16
_OWN: Final = frozenset({say.YES, say.NO, "绑定"}) | WISHES


class Binding:
    """One dialogue for both channels, in chat or on the phone page: what is typed is the label of a button.

    `refresh` makes a new binding known to this process at once. `key` hashes slips and accounts that try.
    """

    def __init__(
        self,
        *,
        book: BindBook,
        wishes: Wishes,
        clock: Clock,
        posts: Mapping[Post, PostProfile],
        key: bytes,
        page_url: str,
        refresh: Callable[[], Awaitable[object]],
    ) -> None:
        self._book = book
        self._wishes = wishes
        self._clock = clock
        self._posts = posts
        self._key = key
        self._page = page_url
        self._refresh = refresh

    def code_hash(self, code: str) -> bytes:
        """Keyed: a stolen table of twelve-digit codes could be tried out otherwise."""
        return hmac.new(self._key, b"slip" + code.encode(), hashlib.sha256).digest()

    def is_ours(self, text: str) -> bool:
        """Whether a bound worker's message belongs here; looks nothing up, as every message asks."""
        if text in _OWN:
            return True
        if len(text) <= _LONGEST_WORD and not text.isalpha() and numbered(text)[0] in _OWN:
            return True
        return text.startswith("绑定") or (text[:1].isdigit() and code_in(text) is not None)

    def how_to(self) -> Screen:
        """For whoever is not known."""
        link = f"\n{say.PAGE_LINK}{self._page}" if self._page else ""
        return Screen(text=say.HOW_TO + link)

    def settled(self) -> Screen:
        """For whoever is bound and opens the page: the time is changed by a tap as well as by a word."""
        text = f"{say.ALREADY}\n{say.WHEN}"
        return Screen(text=text, buttons=buttons(*say.TIMES.values()))

    # --- a code was scanned ---------------------------------------------------------------------

    async def scanned(
        self,
        channel: ChannelKind,
        account: str,
        scene: str,
        sharers: Sequence[KnownWorker] = (),
        *,
        trusted: bool = True,
    ) -> Screen | None:
        """The screen for a code of ours, None for another one.

        `trusted`: the platform says that it was scanned. An address can be made up, so there it counts as a try.
        """
        scene = scene.removeprefix(_SUBSCRIBED_BY)
        if scene.startswith(POSTER_SCENE):
            return await self._poster(channel, account, scene, sharers)
        code = code_in(scene.removeprefix(SLIP_SCENE)) if scene.startswith(SLIP_SCENE) else None
        if code is None:
            return None
        return await self._coded(channel, account, code, trusted=trusted)

    async def _coded(
        self, channel: ChannelKind, account: str, code: str, *, trusted: bool
    ) -> Screen:
        if not trusted and not await self._may_try(channel, account):
            return Screen(text=say.TOO_OFTEN)
        slip = await self._book.slip(self.code_hash(code))
        if slip is None:
            return Screen(text=say.NO_SLIP)
        return await self._slip(channel, account, slip)

    async def _slip(self, channel: ChannelKind, account: str, slip: Slip) -> Screen:
        state = slip.state(local(self._clock.now()).date())
        if state is not SlipState.OPEN:
            return Screen(text=say.SLIP_STATES[state])
        if slip.worker.ended is not None:
            return Screen(text=say.LEFT)
        return await self._ask(channel, account, slip.worker, slip.id)

    async def _ask(
        self, channel: ChannelKind, account: str, worker: Bindable, slip_id: int | None
    ) -> Screen:
        await self._book.keep_dialogue(
            self._dialogue(
                channel, account, Step.CLAIM, worker_id=worker.worker_id, slip_id=slip_id
            )
        )
        text = say.claim(masked(worker.name), worker.team, self._post(worker.post))
        return Screen(text=text, buttons=buttons(say.YES, say.NO))

    async def _poster(
        self, channel: ChannelKind, account: str, scene: str, sharers: Sequence[KnownWorker]
    ) -> Screen:
        poster = await self._book.poster(scene)
        if poster is None:
            return Screen(text=say.POSTER_GONE)
        if sharers:
            return Screen(text=say.ALREADY)
        dialogue = self._dialogue(channel, account, Step.POST, team_id=poster.team_id)
        await self._book.keep_dialogue(dialogue)
        labels = [self._post(post) for post in await self._book.team_posts(poster.team_id)]
        if not labels:
            labels = [self._post(post) for post in self._posts]
        else:
            labels.append(say.OTHER_POSTS)
        return Screen(text=say.post_please(poster.team), buttons=buttons(*labels))

    # --- something was typed, or a button of the page was tapped ---------------------------------

    async def typed(
        self, channel: ChannelKind, account: str, text: str, sharers: Sequence[KnownWorker] = ()
    ) -> Screen:
        """The next screen. Nothing that was typed is kept but a newcomer's own name."""
        code = code_in(text)
        if code is not None:
            return await self._coded(channel, account, code, trusted=False)
        claim = claim_in(text)
        if claim is not None:
            return await self.claimed(channel, account, claim)
        word = plain(text)
        if sharers and word not in (say.YES, say.NO):
            return await self._wishes.said(channel, account, text, sharers)
        dialogue = await self._book.dialogue(channel, account, self._clock.now())
        if dialogue is None and sharers and word == say.YES:
            # said twice, or repeated by the platform whose first try was answered too late
            return self.settled()
        if dialogue is None or (sharers and dialogue.step is not Step.CLAIM):
            return Screen(text=say.NOTHING_ASKED) if word in (say.YES, say.NO) else self.how_to()
        match dialogue.step:
            case Step.CLAIM:
                return await self._answered(dialogue, word)
            case Step.POST:
                return await self._post_chosen(dialogue, word)
            case Step.NAME:
                return await self._named(dialogue, text)
            case _:
                assert_never(dialogue.step)

    async def claimed(self, channel: ChannelKind, account: str, claim: Claim) -> Screen:
        """The screen for what somebody says of a worker; it counts as a try."""
        if not await self._may_try(channel, account):
            return Screen(text=say.TOO_OFTEN)
        worker = await self._book.matching(claim)
        # one answer for a wrong number, a wrong name, and a worker who has another account already
        if worker is None or channel in worker.bound:
            return Screen(text=say.NO_MATCH)
        return await self._ask(channel, account, worker, None)

    async def _may_try(self, channel: ChannelKind, account: str) -> bool:
        message = f"try\0{channel}\0{account.lower()}".encode()
        who = hmac.new(self._key, message, hashlib.sha256).digest()[:16]
        return await self._book.may_try(who, self._clock.now())

    async def _answered(self, dialogue: Dialogue, word: str) -> Screen:
        if word in _NO:
            await self._book.end_dialogue(dialogue.channel, dialogue.account)
            return Screen(text=say.NOT_ME)
        worker = (
            await self._book.bindable(dialogue.worker_id)
            if dialogue.worker_id is not None
            else None
        )
        if worker is None:
            return Screen(text=say.NOTHING_ASKED)
        if word not in _YES:
            text = say.claim(masked(worker.name), worker.team, self._post(worker.post))
            return Screen(text=text, buttons=buttons(say.YES, say.NO))
        outcome = await self._book.bind(
            dialogue.channel,
            dialogue.account,
            worker.worker_id,
            slip_id=dialogue.slip_id,
            now=self._clock.now(),
        )
        return await self._bound(worker, outcome)

    async def _bound(self, worker: Bindable, outcome: BindOutcome) -> Screen:
        match outcome:
            case BindOutcome.BOUND:
                await self._refresh()
                text = f"{say.hello(masked(worker.name))}\n{say.WHEN}"
                return Screen(text=text, buttons=buttons(*say.TIMES.values()))
            case BindOutcome.ALREADY:
                return Screen(text=say.ALREADY)
            case BindOutcome.SLIP_GONE:
                return Screen(text=say.SLIP_STATES[SlipState.USED])
            case BindOutcome.LEFT:
                return Screen(text=say.LEFT)
            case BindOutcome.TAKEN:
                return Screen(text=say.TAKEN)
            case _:
                assert_never(outcome)

    async def _post_chosen(self, dialogue: Dialogue, word: str) -> Screen:
        everything = list(self._posts)
        offered = list(await self._book.team_posts(dialogue.team_id or 0))
        lines = [self._post(post) for post in offered] + [say.OTHER_POSTS] if offered else []
        index = chosen(word, len(lines)) if lines else chosen(word, len(everything))
        if lines and index is not None:
            word = lines[index]
        elif index is not None:
            word = self._post(everything[index])
        post = self._post_named(word)
        if post is None:
            labels = buttons(*(self._post(one) for one in everything))
            return Screen(text=say.post_please(""), buttons=labels)
        await self._book.keep_dialogue(replace(dialogue, step=Step.NAME, post=post))
        return Screen(text=say.NAME_PLEASE)

    async def _named(self, dialogue: Dialogue, text: str) -> Screen:
        # the post said twice, or repeated by the platform, is nobody's name
        name = None if self._post_named(plain(text)) else name_in(text)
        if name is None or dialogue.team_id is None or dialogue.post is None:
            return Screen(text=say.NAME_PLEASE)
        team = await self._book.team(dialogue.team_id)
        await self._book.add_newcomer(
            Newcomer(
                id=uuid4(),
                channel=dialogue.channel,
                account=dialogue.account,
                team_id=dialogue.team_id,
                team=team,
                post=dialogue.post,
                name=name,
                opened_on=local(self._clock.now()).date(),
            )
        )
        return Screen(text=say.waiting(team, self._post(dialogue.post), masked(name)))

    # --- the account follows, or follows no more ------------------------------------------------

    async def lost(self, channel: ChannelKind, account: str) -> None:
        """Unreachable from now on; the docs ask to erase what is kept of the account, after a month it is [S7]."""
        await self._book.lost(channel, account, self._clock.now())

    async def back(self, channel: ChannelKind, account: str) -> Screen | None:
        """Greets whoever had unsubscribed; None when nobody had."""
        if not await self._book.back(channel, account):
            return None
        return Screen(text=say.WELCOME_BACK, buttons=buttons(say.AGREE))

    # --- small things -------------------------------------------------------------------------------

    def _dialogue(
        self, channel: ChannelKind, account: str, step: Step, **facts: object
    ) -> Dialogue:
        until = self._clock.now() + DIALOGUE_LIFE
        return Dialogue(channel=channel, account=account, step=step, until=until, **facts)  # type: ignore[arg-type]

    def _post(self, post: Post) -> str:
        profile = self._posts.get(post)
        return profile.short if profile else post.value

    def _post_named(self, word: str) -> Post | None:
        return next((one for one in self._posts if word in self._names(one)), None)

    def _names(self, post: Post) -> tuple[str, ...]:
        profile = self._posts[post]
        return (profile.short, profile.name, *profile.aliases)
