"""The administrators' console: pages, sign-in and who may do what."""

from lianbot.web.console.app import add_console
from lianbot.web.console.parts import ConsoleParts, SheetTools

__all__ = ["ConsoleParts", "SheetTools", "add_console"]
