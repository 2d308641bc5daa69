"""The administrators' console: pages, sign-in and who may do what."""

from lianbot.web.console.app import add_console
from lianbot.web.console.parts import ConsoleParts, ControlTools, SheetTools

__all__ = ["ConsoleParts", "ControlTools", "SheetTools", "add_console"]
