"""What the HTTP entrance is handed: ports and flows, no adapter by name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from aiohttp import web

from lianbot.domain.people import ChannelKind
from lianbot.flows.asking import QuestionDesk
from lianbot.flows.binding import Binding
from lianbot.flows.inbound import Inbound
from lianbot.ports.answers import AnswerBook
from lianbot.ports.channel import Channel
from lianbot.ports.clients import ClientNotes
from lianbot.ports.clock import Clock
from lianbot.ports.directory import Directory
from lianbot.ports.pages import PhoneBook
from lianbot.web.signing import TokenMaker


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """The joined parts of callbacks and phone pages.

    `in_app` tells from a user agent whether silent sign-in can work there. `ready` names what keeps
    this process from serving, empty when nothing does. `frame_ancestors` may hold one origin that
    shows phone pages in a frame (the demo's phones), else nobody may. `front_url` is the front page.
    `trusted_proxies` may read the metrics besides this machine.
    """

    clock: Clock
    channels: Mapping[ChannelKind, Channel]
    inbound: Inbound
    binding: Binding
    directory: Directory
    answers: AnswerBook
    clients: ClientNotes
    phone_book: PhoneBook
    questions: QuestionDesk
    tokens: TokenMaker
    public_url: str
    front_url: str
    frame_ancestors: str
    in_app: Callable[[str], bool]
    ready: Callable[[], Awaitable[str]]
    verify_files: Path | None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()


PARTS = web.AppKey("parts", WebParts)
