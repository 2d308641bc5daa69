"""WeCom (企业微信) self-built app."""

from lianbot.channels.wecom.channel import WeComAccount, WeComChannel, open_wecom

__all__ = ["WeComAccount", "WeComChannel", "open_wecom"]
