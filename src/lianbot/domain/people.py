"""Workers, where they belong, their accounts on a channel, and the console's accounts."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from lianbot.domain.codes import Level, Post


class ChannelKind(StrEnum):
    """渠道."""

    WECOM = "wecom"
    OFFICIAL = "official"


class Employment(StrEnum):
    """Employment type: decides the legal path, so only roles that need it see it (domain reference §2a)."""

    PERMANENT = "permanent"
    SCHOOL_CONTRACT = "school_contract"
    DISPATCHED = "dispatched"
    OUTSOURCED = "outsourced"
    REHIRED = "rehired"
    TEMPORARY = "temporary"


class PreferredTime(StrEnum):
    """何时方便, chosen by the worker alone."""

    ANY = "any"
    BEFORE_SHIFT = "before_shift"
    NOON = "noon"
    AFTER_SHIFT = "after_shift"
    PAPER_ONLY = "paper_only"


class ClientKind(StrEnum):
    """Where the worker reads WeCom messages: the client shows cards, ordinary WeChat does not [S75]."""

    UNKNOWN = "unknown"
    WECOM = "wecom"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """校区/点位."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractor:
    """外包公司."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """班组: belongs to one contractor and works at one site."""

    id: int
    name: str
    contractor_id: int
    site_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """员工: a person on the roster. `posts[0]` is the main post; `ended` is set when the person left.

    `enrolled` is the day on which the name joined a company that was on the roster already (people of a
    company's first list are no newcomers), `posts_changed` the day of the last change of post. `tags` are
    words for groups of work (`domain.tags`).
    """

    id: UUID
    number: str
    name: str
    phone: str | None
    contractor_id: int
    team_id: int
    site_id: int
    posts: tuple[Post, ...]
    level: Level
    employment: Employment = Employment.OUTSOURCED
    shift: str = ""
    preferred: PreferredTime = PreferredTime.ANY
    started: date | None = None
    ended: date | None = None
    enrolled: date | None = None
    posts_changed: date | None = None
    tags: tuple[str, ...] = ()

    @property
    def new_on(self) -> date | None:
        """Since when the person is new here: as the company states it, else when the name joined its roster."""
        return self.started or self.enrolled


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """绑定: worker ↔ account (userid or openid) on a channel."""

    worker_id: UUID
    channel: ChannelKind
    account: str
    client: ClientKind = ClientKind.UNKNOWN


class ConsentPurpose(StrEnum):
    """What a worker may agree to; everything else needs no consent or is not done."""

    TEMPLATE = "template"
    """学习提醒: template messages of the Official Account, which ask for the user's own consent [S40]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """同意: given in these words on a day; it stands until it is withdrawn."""

    worker_id: UUID
    channel: ChannelKind
    purpose: ConsentPurpose
    wording: str
    given_on: date
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWorker:
    """What the in-memory snapshot knows of a bound worker: enough to understand and greet, nothing more."""

    id: UUID
    name: str
    posts: tuple[Post, ...]
    team_id: int


class Role(StrEnum):
    """Console roles of design §8."""

    EDITOR = "editor"
    REVIEWER = "reviewer"
    SCHEDULER = "scheduler"
    LEAD = "lead"
    CONTRACTOR = "contractor"
    OFFICER = "officer"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A console account. Leads and contractor managers are held to `team_id` / `contractor_id`."""

    id: UUID
    name: str
    display: str
    roles: frozenset[Role]
    team_id: int | None = None
    contractor_id: int | None = None

    def may(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)
