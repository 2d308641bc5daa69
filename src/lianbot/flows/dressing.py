"""A delivery as a message: which form suits the reader's client, and that plain text and one link suffice (P7)."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.codes import ItemType
from lianbot.domain.messages import MessageForm, OutboundMessage
from lianbot.domain.people import ChannelKind, ClientKind, KnownWorker
from lianbot.domain.ways import Way
from lianbot.flows.inbound import page_of, task_of
from lianbot.phrases import replies
from lianbot.phrases.binding import opened_for
from lianbot.ports.outbox import Parcel

FORMS: dict[ClientKind, MessageForm] = {
    ClientKind.WECOM: MessageForm.BUTTON_CARD,
    ClientKind.PLAIN: MessageForm.TEXT,
    ClientKind.UNKNOWN: MessageForm.TEXT_CARD,
}
"""Ordinary WeChat shows text and text cards, the client shows buttons too [S75]; unknown gets what both show."""


def _form(parcel: Parcel) -> MessageForm:
    """On the account a template carries title and link; in a window the whole item is text with the link (P7)."""
    if parcel.delivery.channel is ChannelKind.OFFICIAL:
        way = parcel.delivery.way
        return MessageForm.TEXT_CARD if way is Way.TEMPLATE else MessageForm.TEXT
    return FORMS[parcel.client]


def nobody_shares(_channel: ChannelKind, _account: str) -> Sequence[KnownWorker]:
    return ()


class Dresser:
    """Makes the message of a parcel; the same parcel gives the same message."""

    def __init__(
        self,
        *,
        origin: str,
        public_url: str,
        lead_of: Callable[[str], str],
        bulletin: bool = False,
        sharers: Callable[[ChannelKind, str], Sequence[KnownWorker]] = nobody_shares,
    ) -> None:
        """`bulletin`: a lesson's text ends with the one constant line that names the door's bulletin."""
        self._sharers = sharers
        self._origin = origin
        self._pages = public_url.rstrip("/")
        # one push says the same to thousands
        self._lead_of = lru_cache(maxsize=256)(lead_of)
        self._bulletin = bulletin

    def dress(self, parcel: Parcel) -> OutboundMessage:
        delivery, edition = parcel.delivery, parcel.edition
        assert delivery.channel is not None and delivery.account is not None  # noqa: S101 - planned rows have both
        title = f"【{edition.tag}】{edition.title}" if edition.tag else edition.title
        if parcel.review:
            title = replies.again(title)
        if parcel.kind is OccurrenceKind.REMINDER:
            title = f"提醒一次：{title}"
        sharers = self._sharers(delivery.channel, delivery.account)
        if len(sharers) > 1:
            names = (one.name for one in sharers if one.id == delivery.worker_id)
            title = opened_for(next(names, ""), title)
        return OutboundMessage(
            channel=delivery.channel,
            account=delivery.account,
            form=_form(parcel),
            task=task_of(self._origin, delivery.id, parcel.answers_to),
            title=title,
            text="\n".join((title, edition.text, *self._last_line(parcel))),
            lead=self._lead_of(edition.text),
            url=self.page_of(parcel),
            buttons=replies.CARD_BUTTONS,
            link_label=replies.LINK_LABEL,
        )

    def _last_line(self, parcel: Parcel) -> tuple[str, ...]:
        """The same every week whatever the bulletin says, no codes, no figures, never a message of its own."""
        weekly = parcel.kind is OccurrenceKind.PUSH and parcel.edition.type is ItemType.LESSON
        return (replies.BULLETIN_LINE,) if self._bulletin and weekly else ()

    def page_of(self, parcel: Parcel) -> str:
        assert parcel.delivery.channel is not None  # noqa: S101 - planned rows have one
        return page_of(self._pages, parcel.answers_occurrence, parcel.delivery.channel)
