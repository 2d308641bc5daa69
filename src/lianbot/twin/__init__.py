"""The platforms' stand-in: WeCom and Official Account over HTTP, phones in the browser."""

from lianbot.twin.server import Twin

__all__ = ["Twin"]
