"""The channels that have credentials, opened; and which of them speak to a real platform."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from lianbot.channels.official import (
    CallbackMode,
    OfficialAccount,
    OfficialChannel,
    TemplateShape,
    open_official,
)
from lianbot.channels.wecom import WeComAccount, open_wecom
from lianbot.domain.budgets import Budget, Period
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ChannelKind
from lianbot.domain.ways import WAYS_ON, Way
from lianbot.domain.windows import Adding
from lianbot.ports.account import AccountDesk
from lianbot.ports.channel import Channel
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import TokenShelf
from lianbot.settings import REAL_OFFICIAL, REAL_WECOM, Settings

SEND = "send"
"""The budgets' name for handing messages over, by whichever call."""


async def open_channels(
    settings: Settings, clock: Clock, shelf: TokenShelf, stack: AsyncExitStack
) -> dict[ChannelKind, Channel]:
    """The channels that have credentials; none is fine for everything but sending.

    Raises InvalidInputError naming the setting that is missing or wrong.
    """
    found: dict[ChannelKind, Channel] = {}
    if settings.wecom_corp_id:
        found[ChannelKind.WECOM] = await stack.enter_async_context(
            open_wecom(_wecom_account(settings), shelf=shelf, clock=clock)
        )
    if settings.official_appid:
        found[ChannelKind.OFFICIAL] = await stack.enter_async_context(
            open_official(_official_account(settings), shelf=shelf, clock=clock)
        )
    return found


def budgets_of(settings: Settings) -> dict[ChannelKind, tuple[Budget, ...]]:
    """What pushes may spend a period, counted by all processes together; no budget is counted for nothing."""
    found: dict[ChannelKind, tuple[Budget, ...]] = {}
    for kind in ChannelKind:
        budgets = [
            Budget(channel=kind, api=SEND, period=period, limit=limit)
            for period, limit in (
                (Period.MINUTE, settings.push_per_minute),
                (Period.DAY, _a_day(settings, kind)),
            )
            if limit
        ]
        if kind is ChannelKind.OFFICIAL:
            budgets += _of_the_account(settings)
        if budgets:
            found[kind] = tuple(budgets)
    return found


def _of_the_account(settings: Settings) -> list[Budget]:
    """The account's daily calls of each API [S32]; a budget named after a way is that way's own."""
    return [
        Budget(channel=ChannelKind.OFFICIAL, api=way, period=Period.DAY, limit=limit)
        for way, limit in (
            (Way.TEMPLATE, settings.official_templates_a_day),
            (Way.CUSTOMER, settings.official_customs_a_day),
        )
        if limit and settings.official_appid
    ]


def _a_day(settings: Settings, kind: ChannelKind) -> int:
    """Account cap × 200 person-times a day and app [S71][S72]."""
    return settings.wecom_accounts * 200 if kind is ChannelKind.WECOM else 0


def account_desk(channels: Mapping[ChannelKind, Channel]) -> AccountDesk | None:
    """The Official Account's menu and codes; None where it is not set up."""
    channel = channels.get(ChannelKind.OFFICIAL)
    return channel.desk if isinstance(channel, OfficialChannel) else None


def _wecom_account(settings: Settings) -> WeComAccount:
    return WeComAccount(
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
        secret=settings.wecom_secret.get_secret_value(),
        token=settings.wecom_token.get_secret_value(),
        aes_key=settings.wecom_aes_key.get_secret_value(),
        api_base=settings.wecom_api_base,
        timeout=settings.platform_timeout,
    )


def _official_account(settings: Settings) -> OfficialAccount:
    return OfficialAccount(
        appid=settings.official_appid,
        secret=settings.official_secret.get_secret_value(),
        token=settings.official_token.get_secret_value(),
        aes_key=settings.official_aes_key.get_secret_value(),
        mode=_mode(settings),
        api_base=settings.official_api_base,
        timeout=settings.platform_timeout,
        template=_template(settings),
    )


def _template(settings: Settings) -> TemplateShape | None:
    """`thing1={title};phrase2=待阅读`. Raises InvalidInputError naming the setting and the field."""
    if not settings.official_template_id:
        return None
    fields = []
    for part in settings.official_template_fields.replace("；", ";").split(";"):
        key, between, words = part.strip().partition("=")
        if not part.strip():
            continue
        if not between or not key.strip() or not words.strip():
            raise InvalidInputError(
                "LIANBOT_OFFICIAL_TEMPLATE_FIELDS", f"{part.strip()}：写成 thing1={{title}}"
            )
        fields.append((key.strip(), words.strip()))
    if not fields:
        raise InvalidInputError(
            "LIANBOT_OFFICIAL_TEMPLATE_FIELDS",
            "没有写：模板有哪些字段、各填什么，例如 thing1={title};phrase2=待阅读",
        )
    return TemplateShape(template_id=settings.official_template_id, fields=tuple(fields))


def ways_set_up(settings: Settings) -> frozenset[Way]:
    """The ways of sending for which everything is there; all of them while no channel is set up yet.

    Rows that are planned before the first channel is there wait for it. Raises InvalidInputError naming the setting.
    """
    asked = settings.official_ways.replace("，", ",").split(",")
    names = {one.strip() for one in asked if one.strip()}
    known = {way.value for way in WAYS_ON[ChannelKind.OFFICIAL]}
    if unknown := names - known:
        raise InvalidInputError(
            "LIANBOT_OFFICIAL_WAYS", f"不认识 {min(unknown)}：只有 {'、'.join(sorted(known))}"
        )
    found = {Way.WECOM} if settings.wecom_corp_id else set()
    if settings.official_appid:
        found |= {Way(name) for name in names}
        if not settings.official_template_id:
            found -= {Way.TEMPLATE}
    return frozenset(found or Way)


def windows_add(settings: Settings) -> Adding:
    """Raises InvalidInputError naming the setting."""
    try:
        return Adding(settings.official_windows)
    except ValueError as error:
        raise InvalidInputError(
            "LIANBOT_OFFICIAL_WINDOWS", f"{settings.official_windows}：只能是 {'、'.join(Adding)}"
        ) from error


def _mode(settings: Settings) -> CallbackMode | None:
    if not settings.official_mode:
        return None
    try:
        return CallbackMode(settings.official_mode)
    except ValueError as error:
        raise InvalidInputError(
            "LIANBOT_OFFICIAL_MODE", f"{settings.official_mode}：只能是 {'、'.join(CallbackMode)}"
        ) from error


def real_platforms(settings: Settings) -> Sequence[ChannelKind]:
    """The channels with a secret whose address is the platform's own, not a twin's."""
    found = (
        (ChannelKind.WECOM, settings.wecom_secret, settings.wecom_api_base, REAL_WECOM),
        (
            ChannelKind.OFFICIAL,
            settings.official_secret,
            settings.official_api_base,
            REAL_OFFICIAL,
        ),
    )
    return [
        kind
        for kind, secret, base, real in found
        if secret.get_secret_value() and base.rstrip("/") == real
    ]
