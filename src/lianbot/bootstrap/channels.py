"""The channels that have credentials, opened; and which of them speak to a real platform."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from lianbot.channels.official import CallbackMode, OfficialAccount, open_official
from lianbot.channels.wecom import WeComAccount, open_wecom
from lianbot.domain.budgets import Budget, Period
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ChannelKind
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
        if budgets:
            found[kind] = tuple(budgets)
    return found


def _a_day(settings: Settings, kind: ChannelKind) -> int:
    """Account cap × 200 person-times a day and app [S71][S72]."""
    return settings.wecom_accounts * 200 if kind is ChannelKind.WECOM else 0


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
    )


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
