"""Official Account (verified service account 服务号)."""

from lianbot.channels.official.channel import (
    CallbackMode,
    OfficialAccount,
    OfficialChannel,
    TemplateShape,
    open_official,
)

__all__ = ["CallbackMode", "OfficialAccount", "OfficialChannel", "TemplateShape", "open_official"]
