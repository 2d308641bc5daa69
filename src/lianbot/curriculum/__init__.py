"""Adapter: content/ to editions, and the content checker."""

from lianbot.curriculum.checker import check, check_item
from lianbot.curriculum.findings import ContentError, Finding, Severity
from lianbot.curriculum.library import (
    load,
    load_calendar,
    load_courses,
    load_laws,
    load_menu,
    load_posts,
    load_risks,
    load_topics,
)
from lianbot.curriculum.records import Library, LoadedItem

__all__ = [
    "ContentError",
    "Finding",
    "Library",
    "LoadedItem",
    "Severity",
    "check",
    "check_item",
    "load",
    "load_calendar",
    "load_courses",
    "load_laws",
    "load_menu",
    "load_posts",
    "load_risks",
    "load_topics",
]
