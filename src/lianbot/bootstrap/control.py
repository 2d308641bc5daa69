"""What people and rules do to a push under way, joined once for console, command line and tick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianbot.domain.codes import ItemType, Topic
from lianbot.domain.people import ChannelKind
from lianbot.domain.rollouts import Caution
from lianbot.evidence.editions import TextEdition, TextKind, edition_hash
from lianbot.flows.additions import Additions, Deciding
from lianbot.flows.correction import Corrections
from lianbot.flows.recalling import Recalling
from lianbot.flows.resending import Resending
from lianbot.flows.rhythms import Rules
from lianbot.flows.rollout import Rollouts
from lianbot.phrases import corrections as say
from lianbot.ports.channel import Channel
from lianbot.ports.clock import Clock
from lianbot.ports.planning import Moments
from lianbot.storage.amendments import SqlAmendmentBook
from lianbot.storage.campaigns import CampaignStore
from lianbot.storage.clearing import SqlClearings
from lianbot.storage.content import ContentStore, Publication
from lianbot.storage.database import Database
from lianbot.storage.planning import SqlPlanBook
from lianbot.storage.recalls import SqlRecallBook
from lianbot.storage.rhythm import SqlRhythm
from lianbot.storage.rollouts import SqlRolloutBook
from lianbot.storage.unknowns import SqlUnknownBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The flows around a running push, and what their pages read."""

    resending: Resending
    rollouts: Rollouts
    additions: Additions
    corrections: Corrections
    deciding: Deciding
    recalling: Recalling
    stages: SqlRolloutBook
    amendments: SqlAmendmentBook
    recalls: SqlRecallBook
    clearings: SqlClearings

    async def watch(self) -> None:
        """Before every claim: what must not leave is out of its way, and a push that goes wrong is stopped."""
        await self.clearings.look()
        await self.rollouts.look()


def make_control(
    database: Database,
    clock: Clock,
    *,
    plans: SqlPlanBook,
    campaigns: CampaignStore,
    content: ContentStore,
    moments: Moments,
    channels: Mapping[ChannelKind, Channel],
    caution: Caution,
) -> Control:
    stages, amendments = SqlRolloutBook(database), SqlAmendmentBook(database)
    recalls = SqlRecallBook(database)
    rules = Rules(book=plans, shelf=content, moments=moments, rhythm=SqlRhythm(database))
    return Control(
        resending=Resending(book=SqlUnknownBook(database), clock=clock),
        rollouts=Rollouts(book=stages, clock=clock, caution=caution),
        additions=Additions(
            book=amendments, plans=plans, campaigns=campaigns, rules=rules, clock=clock
        ),
        corrections=Corrections(book=amendments, press=NoticePress(content), clock=clock),
        deciding=Deciding(book=amendments, clock=clock),
        recalling=Recalling(book=recalls, channels=channels, clock=clock),
        stages=stages,
        amendments=amendments,
        recalls=recalls,
        clearings=SqlClearings(database),
    )


@dataclass(frozen=True, slots=True)
class NoticePress:
    """Makes an edition of a correction's words: what workers see has bytes, a hash and a leaf like any lesson."""

    content: ContentStore

    async def __call__(
        self, item: str, title: str, text: str, topic: Topic, by: UUID, now: datetime
    ) -> str:
        body = TextEdition(
            id=item, type=TextKind.REMINDER, title=title, text=text, tag=say.TAG
        ).to_bytes()
        notice = Publication(
            sha256=edition_hash(body),
            body=body,
            item=item,
            type=ItemType.REMINDER,
            title=title,
            topic=topic,
            meta={
                "text": text,
                "tag": say.TAG,
                "posts": [],
                "levels": [],
                "quizzes": [],
                "version": 1,
            },
        )
        await self.content.publish([notice], by, now)
        return notice.sha256
