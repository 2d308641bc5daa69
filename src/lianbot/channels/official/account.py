"""The settings of one Official Account."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

REAL_PLATFORM: Final = "https://api.weixin.qq.com"


class CallbackMode(StrEnum):
    """How pushes are written [S3]. Plain signs no body; of a compatible body only `Encrypt` is read."""

    SAFE = "safe"
    COMPATIBLE = "compatible"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateShape:
    """The template that carries a title and a link [S14].

    `fields` are pairs of a field key of the template (`thing1`, `character_string2` …) and what stands there:
    `{title}` and `{lead}` are filled in from the message, everything else stands as written.
    """

    template_id: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialAccount:
    """One account. Seconds for the two time limits; `mode` None takes safe when there is a key, else plain.

    `oauth_base` is where the in-app browser starts OAuth; None takes WeChat's own address for the real
    platform and `api_base` for any other. Secrets are left out of repr.
    """

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    mode: CallbackMode | None = None
    api_base: str = REAL_PLATFORM
    oauth_base: str | None = None
    template: TemplateShape | None = None
    timeout: float = 8.0
    connect_timeout: float = 3.0

    @property
    def callback_mode(self) -> CallbackMode:
        """The mode in force."""
        if self.mode is not None:
            return self.mode
        return CallbackMode.SAFE if self.aes_key else CallbackMode.PLAIN
