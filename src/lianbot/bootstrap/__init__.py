"""The one place that picks concrete parts and joins them."""

from lianbot.bootstrap.channels import real_platforms
from lianbot.bootstrap.entrances import health, make_ticker, make_watch, make_web
from lianbot.bootstrap.house import (
    House,
    NotReadyError,
    content_directory,
    derive_key,
    hold_alone,
    listed,
    make_signing_key,
    open_house,
)
from lianbot.bootstrap.papers import bind_papers, posters_pdf, slips_pdf
from lianbot.bootstrap.publishing import adopt_courses, drafts_of, publish_content

__all__ = [
    "House",
    "NotReadyError",
    "adopt_courses",
    "bind_papers",
    "content_directory",
    "derive_key",
    "drafts_of",
    "health",
    "hold_alone",
    "listed",
    "make_signing_key",
    "make_ticker",
    "make_watch",
    "make_web",
    "open_house",
    "posters_pdf",
    "publish_content",
    "real_platforms",
    "slips_pdf",
]
