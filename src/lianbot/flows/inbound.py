"""What comes in from a platform: who? what is meant? → one reply in the callback's own answer."""

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from uuid import UUID

from lianbot.domain.acknowledgements import (
    Answer,
    AnswerGiven,
    AnswerOutcome,
    Method,
    NothingOpen,
    Receipt,
    Via,
    answer_named,
)
from lianbot.domain.messages import CardUpdate, InboundKind, InboundMessage, Reply, TextReply
from lianbot.domain.people import ChannelKind, ClientKind, KnownWorker
from lianbot.domain.screens import Screen
from lianbot.domain.windows import act_of
from lianbot.flows.answering import Answered, Answering
from lianbot.flows.answering_memory import TopicTally
from lianbot.flows.binding import Binding
from lianbot.flows.wishes import numbered, whose
from lianbot.phrases import replies
from lianbot.ports.answers import AnswerBook, NotKeptError
from lianbot.ports.clients import ClientNotes
from lianbot.ports.clock import Clock
from lianbot.ports.directory import Directory
from lianbot.ports.pages import LatestBook
from lianbot.ports.ways import ResultBook, Visit, WindowBook
from lianbot.understanding.intents import (
    Acknowledge,
    AskSomeone,
    Cannot,
    Disagree,
    Help,
    Intent,
    NotUnderstood,
)

SILENT = frozenset(
    {
        InboundKind.DROPPED,
        InboundKind.CONTACT_CHANGED,
        InboundKind.OTHER,
    }
)
"""Answered with the no-op."""
SENT = "success"
"""A send result's status when the message arrived [S14]; every other one says why it did not."""


ITEM_KEY = "item:"
RECORD_KEY = "my:record"
"""Keys of content/menu.yaml that lead to a page."""


def task_of(origin: str, delivery_id: int, answers_to: int) -> str:
    """A card's task id: unique for ever in the platform's app, and it names the delivery it answers."""
    return f"{origin.rpartition('/')[2]}-{delivery_id}-{answers_to}"


def delivery_of_task(origin: str, task: str) -> int | None:
    """The delivery a tap belongs to; None for a card of another installation or of no form we know."""
    mine, _, rest = task.partition("-")
    _, _, number = rest.partition("-")
    if mine != origin.rpartition("/")[2] or not number.isdecimal() or len(number) > 18:
        return None
    return int(number)


def page_of(pages: str, occurrence_id: UUID, channel: ChannelKind) -> str:
    """One address for everybody of the channel in the occurrence: silent sign-in knows who reads it."""
    page = f"{pages}/m/i/{occurrence_id}"
    return f"{page}?c={ChannelKind.OFFICIAL}" if channel is ChannelKind.OFFICIAL else page


class Inbound:
    """The way of an inbound message through the house."""

    def __init__(
        self,
        *,
        directory: Directory,
        answers: AnswerBook,
        answering: Answering,
        tally: TopicTally,
        clock: Clock,
        origin: str,
        binding: Binding,
        latest: LatestBook | None = None,
        public_url: str = "",
        visits: WindowBook | None = None,
        results: ResultBook | None = None,
        clients: ClientNotes | None = None,
    ) -> None:
        self._visits = visits
        self._results = results
        self._binding = binding
        self._clients = clients
        self._latest = latest
        self._pages = public_url.rstrip("/")
        self._directory = directory
        self._answers = answers
        self._answering = answering
        self._tally = tally
        self._clock = clock
        self._origin = origin

    async def receive(self, message: InboundMessage) -> Reply:
        """The reply, or None for the platform's no-op. What was typed leaves nothing behind."""
        reply = self.at_once(message)
        return await reply if isinstance(reply, Coroutine) else reply

    def at_once(self, message: InboundMessage) -> "Reply | Coroutine[None, None, Reply]":
        """The reply itself, or where an answer must be committed first, the coroutine that gives it.

        Most pushes keep nothing; a task, a shield and a timer for each would cost a fifth of the call.
        """
        if message.kind in SILENT:
            return None
        if message.kind is InboundKind.SEND_RESULT:
            return self._result(message)
        if message.kind is InboundKind.UNSUBSCRIBE:
            return self._lost(message)
        who = self._directory.who(message.channel, message.account)
        if who is None:
            return self._stranger(message)
        match message.kind:
            case InboundKind.CARD_TAP:
                return self._tapped(message)
            case InboundKind.TEXT:
                if self._binding.is_ours(message.text):
                    return self._bind_word(message)
                return self._typed(who, message)
            case InboundKind.MENU_CLICK:
                return self._clicked(who, message)
            case InboundKind.SUBSCRIBE | InboundKind.SCAN:
                return self._scanned(message, self._answering.help_screen(who.posts[0]))
            case _:
                return _text(self._answering.not_text(who.posts[0]).screen)

    def _stranger(self, message: InboundMessage) -> "Reply | Coroutine[None, None, Reply]":
        match message.kind:
            case InboundKind.CARD_TAP:
                # a tapped card can be answered with a card update only (90241)
                return None
            case InboundKind.TEXT:
                return self._bind_word(message)
            case InboundKind.SUBSCRIBE | InboundKind.SCAN:
                return self._scanned(message, self._binding.how_to())
            case _:
                return _text(self._binding.how_to())

    async def _bind_word(self, message: InboundMessage) -> Reply:
        sharers = self._directory.sharers(message.channel, message.account)
        return _text(
            await self._binding.typed(message.channel, message.account, message.text, sharers)
        )

    async def _scanned(self, message: InboundMessage, otherwise: Screen) -> Reply:
        """A code that was scanned, or somebody who follows (again)."""
        channel, account = message.channel, message.account
        back = (
            await self._binding.back(channel, account)
            if message.kind is InboundKind.SUBSCRIBE
            else None
        )
        sharers = self._directory.sharers(channel, account)
        found = await self._binding.scanned(channel, account, message.key, sharers)
        return _text(found or back or otherwise)

    async def _lost(self, message: InboundMessage) -> Reply:
        await self._binding.lost(message.channel, message.account)
        return None

    async def _tapped(self, message: InboundMessage) -> Reply:
        delivery_id = delivery_of_task(self._origin, message.task)
        answer = answer_named(message.key)
        if delivery_id is None or answer is None:
            return None
        outcome: AnswerOutcome | None = None
        # the delivery knows whose it is: of those who share the account only one can have it
        for who in self._directory.sharers(message.channel, message.account):
            if self._clients is not None and message.channel is ChannelKind.WECOM:
                # ordinary WeChat shows no card that could be tapped [S75]
                self._clients.note(who.id, ClientKind.WECOM)
            outcome = await self._give(
                AnswerGiven(
                    worker_id=who.id,
                    answer=answer,
                    method=Method.TAP,
                    via=Via.CALLBACK,
                    wording=replies.WORDING[answer],
                    repeat_key=message.repeat_key,
                    msgid=message.task,
                    delivery_id=delivery_id,
                )
            )
            if not isinstance(outcome, NothingOpen):
                break
        match outcome:
            case None | NothingOpen():
                # greying the button would forbid the second tap that is needed now
                return None
            case receipt:
                await self._answered(who, message, receipt)
                return CardUpdate(label=replies.AFTER_TAP[receipt.answer])

    def _typed(
        self, who: KnownWorker, message: InboundMessage
    ) -> "Reply | Coroutine[None, None, Reply]":
        now = self._clock.now()
        sharers = self._directory.sharers(message.channel, message.account)
        word, index = numbered(message.text) if len(sharers) > 1 else (message.text, None)
        text = message.text if index is None else word
        intent = self._answering.read(text, asker=who.id, now=now)
        answer = _answer_in(intent)
        if answer is not None and len(sharers) > 1:
            if index is None or index >= len(sharers):
                return _text(whose(replies.WORDING[answer], sharers))
            return self._replied(sharers[index], message, answer, intent)
        if answer is not None:
            return self._replied(who, message, answer, intent)
        if isinstance(intent, Help):
            screen = self._answering.help_screen(who.posts[0])
            waiting = self._waiting(message)
            return self._greeted(message, waiting, screen) if waiting else _text(screen)
        return self._shown(
            self._answering.screen(intent, asker=who.id, post=who.posts[0], now=now)
        )

    async def _replied(
        self, who: KnownWorker, message: InboundMessage, answer: Answer, intent: Intent
    ) -> Reply:
        outcome = await self._give(
            AnswerGiven(
                worker_id=who.id,
                answer=answer,
                method=Method.REPLY,
                via=Via.CALLBACK,
                wording=replies.WORDING[answer],
                repeat_key=message.repeat_key,
                msgid=message.repeat_key,
            )
        )
        match outcome:
            case None:
                return TextReply(text=replies.NOT_KEPT)
            case NothingOpen():
                if waiting := self._waiting(message):
                    return await self._greeted(message, waiting, None)
                now = self._clock.now()
                answered = self._answering.screen(intent, asker=who.id, post=who.posts[0], now=now)
                return _text(answered.screen)
            case receipt:
                await self._answered(who, message, receipt)
                return TextReply(
                    text=replies.thanks(receipt.answer, receipt.seq, receipt.leaf_start)
                )

    def _clicked(
        self, who: KnownWorker, message: InboundMessage
    ) -> "Reply | Coroutine[None, None, Reply]":
        if message.key.startswith(ITEM_KEY) and self._latest is not None:
            return self._newest(message, self._latest)
        if message.key == RECORD_KEY:
            return TextReply(text=replies.my_record(f"{self._pages}/m/me"))
        now = self._clock.now()
        answered = self._answering.tapped(message.key, asker=who.id, post=who.posts[0], now=now)
        if answered is None:
            return _text(self._answering.help_screen(who.posts[0]))
        return self._shown(answered)

    async def _newest(self, message: InboundMessage, book: LatestBook) -> Reply:
        sharers = self._directory.sharers(message.channel, message.account)
        found = await book.latest([one.id for one in sharers])
        if found is None:
            return TextReply(text=replies.NOTHING_LATEST)
        page = page_of(self._pages, found.occurrence_id, message.channel)
        kind = message.key.removeprefix(ITEM_KEY)
        return TextReply(text=replies.latest(found.title, page, kind))

    def _shown(self, answered: Answered) -> Reply:
        """Counts the topic and nothing else of the question."""
        if answered.topic is not None:
            self._tally.add(answered.topic)
        return _text(answered.screen)

    async def _result(self, message: InboundMessage) -> Reply:
        """What became of a template message that was accepted; without an answer the platform repeats it."""
        if self._results is not None and message.key:
            failed = message.status != SENT
            now = self._clock.now()
            await self._results.result(message.key, message.status, failed, now)
        return None

    def _waiting(self, message: InboundMessage) -> list[KnownWorker]:
        """Those of the account for whom a message is held until they come by."""
        visits = self._visits
        if visits is None or message.channel is not ChannelKind.OFFICIAL:
            return []
        sharers = self._directory.sharers(message.channel, message.account)
        return [one for one in sharers if visits.waits_for(one.id)]

    async def _greeted(
        self, message: InboundMessage, waiting: Sequence[KnownWorker], screen: Screen | None
    ) -> Reply:
        """Somebody says hello (帮助, 收到) and something was held: it comes with the next full hour."""
        for one in waiting:
            await self._came(one, message)
        if screen is None:
            return TextReply(text=replies.HELD)
        return _text(replace(screen, text=f"{screen.text}\n{replies.HELD}"))

    async def _answered(self, who: KnownWorker, message: InboundMessage, receipt: Receipt) -> None:
        """What was kept already opens nothing anew: a push that the platform repeats is no second act, and an
        answer that is said twice leaves no row of its own beside which a window could stand. It still asks for
        what is held."""
        waits = self._visits is not None and self._visits.waits_for(who.id)
        if not receipt.repeated or waits:
            await self._came(who, message)

    async def _came(self, who: KnownWorker, message: InboundMessage) -> None:
        """An answer that was kept opens the window it stands in; a greeting does where something is held.

        Questions, words for a concern, pictures and voices leave nothing, not even an open window:
        a row that says when somebody wrote would be a clock beside the door (docs/decisions/0004).
        """
        act = act_of(message.kind)
        if self._visits is None or act is None or message.channel is not ChannelKind.OFFICIAL:
            return
        visit = Visit(worker_id=who.id, account=message.account, act=act, at=self._clock.now())
        await self._visits.came(visit)

    async def _give(self, given: AnswerGiven) -> AnswerOutcome | None:
        """None when it could not be committed: the worker is asked to tap again, never thanked."""
        try:
            return await self._answers.answer(given)
        except NotKeptError:
            return None


def _answer_in(intent: Intent) -> Answer | None:
    match intent:
        case Acknowledge():
            return Answer.UNDERSTOOD
        case NotUnderstood():
            return Answer.NOT_UNDERSTOOD
        case Disagree():
            return Answer.DISAGREE
        case Cannot():
            return Answer.CANNOT
        case AskSomeone():
            return Answer.ASK_SOMEONE
        case _:
            return None


def _text(screen: Screen) -> TextReply:
    labels = tuple(button.label for button in screen.buttons)
    return TextReply(text=replies.screen_text(screen.text, labels))
