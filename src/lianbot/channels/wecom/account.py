"""The settings of one WeCom app."""

from dataclasses import dataclass, field
from typing import Final

REAL_PLATFORM: Final = "https://qyapi.weixin.qq.com"
LONGEST_INTERVAL: Final = 4 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class WeComAccount:
    """One self-built app. Seconds for `duplicate_check_interval` (≤ 4 h [S71]) and the two time limits.

    `oauth_base` is where the in-app browser starts OAuth; None takes WeChat's own address for the real
    platform and `api_base` for any other. Secrets are left out of repr.
    """

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    api_base: str = REAL_PLATFORM
    oauth_base: str | None = None
    duplicate_check_interval: int = 1800
    timeout: float = 8.0
    connect_timeout: float = 3.0
