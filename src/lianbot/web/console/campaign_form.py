"""The form of a campaign: what was filled in, and the draft it means."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from lianbot.domain.calendar import SHANGHAI
from lianbot.domain.campaigns import (
    Audience,
    Course,
    Cron,
    Festival,
    Milestone,
    Once,
    Review,
    Schedule,
    Since,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ChannelKind
from lianbot.domain.rollouts import read_stages
from lianbot.domain.tags import tag_named
from lianbot.flows.campaign import MOST_OFFSET, MOST_STEPS, Draft
from lianbot.phrases import console as say
from lianbot.web.console.shell import number_of, text_of

E = TypeVar("E", bound=StrEnum)
MOST_CHOICES = 500
MOST_NEW_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields as they were typed, to show them again."""

    title: str = ""
    schedule: str = "once"
    at: str = ""
    weekday: str = "tue"
    time: str = "14:07"
    expression: str = ""
    shelf: str = ""
    remind: str = "2"
    steps: str = "1"
    stages: str = ""
    node: str = ""
    offset: str = "-5"
    working: str = ""
    event: str = "start"
    days: str = "1,4,8"
    new_days: str = ""
    new_since: str = ""
    posts_since: str = ""
    levels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    contractors: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("wecom",)
    enclose: tuple[str, ...] = ()

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> "Asked":
        found: dict[str, Any] = {}
        for one in fields(cls):
            if isinstance(one.default, tuple):
                found[one.name] = many(form, one.name)
            else:
                found[one.name] = str(form.get(one.name, ""))[:200]
        return cls(**found)


def many(form: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """All values of a field that was ticked several times."""
    values = form.getall(field, []) if hasattr(form, "getall") else []
    return tuple(value[:120] for value in values[:MOST_CHOICES] if isinstance(value, str))


def read_draft(form: Mapping[str, Any], *, demo: bool) -> Draft:
    """Raises InvalidInputError naming the field."""
    return Draft(
        title=text_of(form, "title", 60),
        audience=Audience(
            posts=codes(form, "posts", Post),
            teams=numbers(form, "teams"),
            contractors=numbers(form, "contractors"),
            sites=numbers(form, "sites"),
            levels=codes(form, "levels", Level),
            tags=tuple(tag_named(one) for one in many(form, "tags")),
            new_days=number_of(form, "new_days", 0, MOST_NEW_DAYS)
            if text_of(form, "new_days")
            else None,
            new_since=_day(form, "new_since"),
            posts_since=_day(form, "posts_since"),
            unanswered=tuple(one for one in many(form, "unanswered") if one),
        ),
        schedule=_schedule(form),
        items=() if form.get("schedule") in ("course", "review") else many(form, "items"),
        channels=codes(form, "channels", ChannelKind),
        remind_after_days=_remind(form),
        enclose=codes(form, "enclose", EnclosureKind),
        steps=number_of(form, "steps", 1, MOST_STEPS),
        demo=demo,
        stages=read_stages(text_of(form, "stages", 40)),
    )


def codes(form: Mapping[str, Any], field: str, kind: type[E]) -> tuple[E, ...]:
    try:
        return tuple(kind(value) for value in many(form, field))
    except ValueError as error:
        raise InvalidInputError(say.FIELDS[field], say.NOT_CHOSEN) from error


def numbers(form: Mapping[str, Any], field: str) -> tuple[int, ...]:
    values = many(form, field)
    if not all(value.isascii() and value.isdecimal() and len(value) < 10 for value in values):
        raise InvalidInputError(say.FIELDS[field], say.NOT_CHOSEN)
    return tuple(int(value) for value in values)


def _remind(form: Mapping[str, Any]) -> int | None:
    return number_of(form, "remind", 0, 14) or None


def _schedule(form: Mapping[str, Any]) -> Schedule:
    match form.get("schedule"):
        case "once":
            return Once(at=_moment(text_of(form, "at", 30)))
        case "weekly":
            return Cron(expression=_weekly(form))
        case "cron":
            return Cron(expression=text_of(form, "expression", 60))
        case "course":
            return Course(shelf=text_of(form, "shelf", 60), expression=_weekly(form))
        case "festival":
            return _festival(form)
        case "since":
            return _since(form)
        case "review":
            return Review()
        case _:
            raise InvalidInputError(say.FIELDS["schedule"], say.NOT_CHOSEN)


def _festival(form: Mapping[str, Any]) -> Festival:
    node = text_of(form, "node", 40)
    if not node:
        raise InvalidInputError(say.FIELDS["node"], say.NOT_CHOSEN)
    try:
        offset = int(text_of(form, "offset", 4))
    except ValueError as error:
        raise InvalidInputError(say.FIELDS["offset"], say.OFFSET_UNREADABLE) from error
    if abs(offset) > MOST_OFFSET:
        raise InvalidInputError(say.FIELDS["offset"], say.OFFSET_UNREADABLE)
    return Festival(node=node, offset=offset, working=bool(text_of(form, "working")))


def _since(form: Mapping[str, Any]) -> Since:
    try:
        event = Milestone(text_of(form, "event", 20))
        words = text_of(form, "days", 60).replace("，", ",").split(",")
        return Since(event=event, days=tuple(int(day) for day in words))
    except ValueError as error:
        raise InvalidInputError(say.FIELDS["days"], "写成 1,4,8") from error


def _day(form: Mapping[str, Any], field: str) -> date | None:
    text = text_of(form, field, 10)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(say.FIELDS[field], "请选一个日子") from error


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(say.FIELDS["at"], say.TIME_UNREADABLE) from error


def _weekly(form: Mapping[str, Any]) -> str:
    """One day of the week and a time, as a crontab expression."""
    weekday = text_of(form, "weekday")
    if weekday not in say.CRON_DAYS:
        raise InvalidInputError(say.FIELDS["weekday"], say.NOT_CHOSEN)
    hour, _, minute = text_of(form, "time").partition(":")
    digits = (hour + minute).isascii() and hour.isdecimal() and minute.isdecimal()
    if not digits or len(hour) > 2 or len(minute) > 2 or int(hour) > 23 or int(minute) > 59:
        raise InvalidInputError(say.FIELDS["time"], "写成 14:07 这样")
    return f"{int(minute)} {int(hour)} * * {weekday}"
