"""The entrances over a house: the runner's tick, the HTTP application, the console."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from aiohttp import web

from lianbot.bootstrap.channels import budgets_of, real_platforms, ways_set_up
from lianbot.bootstrap.house import House, content_directory, derive_key
from lianbot.bootstrap.papers import Printer
from lianbot.bootstrap.publishing import front_page
from lianbot.bootstrap.terms import ahead_of
from lianbot.bootstrap.voicing import publish_voice
from lianbot.channels.wecom import WeComChannel
from lianbot.curriculum import Severity, check, load_topics
from lianbot.domain.calendar import local
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import Account, ChannelKind
from lianbot.flows.answering_memory import worth_keeping
from lianbot.flows.asking import QuestionDesk
from lianbot.flows.enclosing import Enclosing, Greying
from lianbot.phrases.console import CHANNELS, WAYS
from lianbot.ports.desk import FindingSeen, HealthLine, SheetPage
from lianbot.ports.runner import Follower
from lianbot.runner.ticker import Ticker
from lianbot.runner.watch import Watch
from lianbot.settings import Settings
from lianbot.sheets.reading import read_bytes
from lianbot.sheets.result import write_result
from lianbot.sheets.writing import Page, write_table
from lianbot.storage.desk import DeskReading
from lianbot.storage.door_files import DoorFiles
from lianbot.storage.enclosures import SqlCards, SqlEnclosures
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.pages import SqlPhoneBook
from lianbot.storage.revision import outdated
from lianbot.web.app import make_app
from lianbot.web.console import ConsoleParts, ControlTools, SheetTools, add_console
from lianbot.web.parts import WebParts
from lianbot.web.phone.approvals import add_approvals
from lianbot.web.phone.approvers import Approvals
from lianbot.web.phone.voices import Voices, add_voices
from lianbot.web.signing import TokenMaker

FRONT_EVERY = timedelta(minutes=10)


def make_ticker(house: House, *, alone: bool) -> Ticker:
    """The runner's round over this house.

    Raises InvalidInputError when messages would carry a link that leads nowhere.
    """
    if house.channels and not house.settings.public_url.startswith(("https://", "http://")):
        raise InvalidInputError(
            "LIANBOT_PUBLIC_URL", "没有写，推出去的链接打不开：写外网看到的地址，以 https:// 开头"
        )
    return Ticker(
        planner=house.planner,
        clearings=house.control.clearings,
        rollouts=house.control.rollouts,
        recalling=house.control.recalling,
        sender=house.sender,
        outbox=house.outbox,
        ledgering=house.ledgering,
        fallback=house.fallback,
        upkeep=_Upkeep(house),
        staff=house.switches,
        clock=house.clock,
        owner=house.owner,
        alone=alone,
        seconds=house.settings.tick_seconds,
        followers=_followers(house),
    )


def make_watch(house: House) -> Watch:
    """For a process of the web alone."""
    return Watch(upkeep=_Upkeep(house), clock=house.clock, seconds=house.settings.tick_seconds)


def _followers(house: House) -> tuple[Follower, ...]:
    """What WeCom can do besides messages; other channels have neither cards nor shared uploads."""
    carrier = house.channels.get(ChannelKind.WECOM)
    if not isinstance(carrier, WeComChannel):
        return ()
    return (
        Enclosing(
            book=SqlEnclosures(
                house.database,
                house.content,
                budgets_of(house.settings).get(ChannelKind.WECOM, ()),
            ),
            carrier=carrier,
            staff=house.switches,
            clock=house.clock,
            profiles=house.profiles,
            hours=house.hours,
        ),
        Greying(book=SqlCards(house.database), carrier=carrier, clock=house.clock),
    )


class _Upkeep:
    """ports.runner.Upkeep over this house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._front = b""
        self._look_again: datetime | None = None

    async def refresh_directory(self) -> None:
        await self._house.directory.refresh()
        await self._house.approved.refresh()
        await self._house.windows.refresh()

    async def wipe_repeats(self, before: datetime) -> None:
        await self._house.answers.wipe_repeats(before)
        await self._house.proposals.forget(local(self._house.clock.now()).date())
        await self._house.windows.sweep(self._house.clock.now())
        await self._house.binds.forget(self._house.clock.now())

    async def roll_up(self) -> None:
        await self._house.statistics.roll_up(self._house.clock.now())

    async def look_at_duties(self) -> None:
        await self._house.duties.look()
        await self._house.calls.look()

    async def keep_topics(self) -> None:
        """Only what was asked five times or more in a day is kept; the rest is forgotten, once that is safe.

        A commit whose answer was lost may count twice: a sum of topics is no promise, losing a day of it is worse.
        """
        taken = self._house.tally.take()
        today = local(self._house.clock.now()).date()
        try:
            await self._house.content.count_topics(today, worth_keeping(taken))
        except BaseException:
            self._house.tally.give_back(taken)
            raise

    async def record_intake(self) -> None:
        if self._house.intake is None or self._house.shelf is None:
            return
        await self._house.intake.record()
        now = self._house.clock.now()
        if self._look_again is None or now >= self._look_again:
            self._look_again = now + FRONT_EVERY
            await self._place_front(self._house.shelf)

    async def _place_front(self, shelf: DoorFiles) -> None:
        """The front page is made anew by the door whenever the file changes, so only changes are written."""
        front = await front_page(self._house)
        if front != self._front:
            await shelf.put_front(front)
            self._front = front


def make_web(house: House) -> web.Application:
    """The HTTP application over this house."""
    settings = house.settings
    parts = WebParts(
        clock=house.clock,
        channels=house.channels,
        inbound=house.inbound,
        binding=house.binding,
        directory=house.directory,
        answers=house.answers,
        clients=house.clients,
        phone_book=SqlPhoneBook(house.database),
        questions=QuestionDesk(
            book=house.proposals,
            clock=house.clock,
            warning=house.answering.before_handing_over,
        ),
        tokens=TokenMaker(derive_key(settings, "pages")),
        public_url=settings.public_url,
        front_url=settings.door_public_url,
        frame_ancestors=settings.frame_ancestors,
        in_app=_in_app(settings),
        ready=lambda: _problem(house),
        verify_files=settings.verify_files,
        trusted_proxies=proxies_of(settings),
    )
    approvals = Approvals(
        accounts=house.accounts,
        content=house.content,
        book=house.campaigns,
        desk=house.desk,
        changes=house.control.amendments,
        deciding=house.control.deciding,
        places=house.people,
        posts={code.value: profile.name for code, profile in house.profiles.items()},
        due_between=house.moments.due_between,
    )
    return make_app(
        parts,
        lambda app: _mount_console(app, house),
        lambda app: add_approvals(app, approvals),
        lambda app: add_voices(app, _voices(house)),
    )


def _voices(house: House) -> Voices:
    async def keep(sha256: str, recorded: bytes, account: Account, slow: bool) -> float:
        return await publish_voice(house, sha256, recorded, account, slow=slow)

    return Voices(accounts=house.accounts, content=house.content, keep=keep)


def proxies_of(settings: Settings) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses or networks. Raises InvalidInputError naming the one that is neither."""
    found = []
    for one in settings.trusted_proxies.replace("，", ",").split(","):
        if not one.strip():
            continue
        try:
            found.append(ip_network(one.strip(), strict=False))
        except ValueError as error:
            raise InvalidInputError(
                "LIANBOT_TRUSTED_PROXIES",
                f"{one.strip()} 不是地址：写成 10.0.0.2 或 10.0.0.0/24，用逗号分开",
            ) from error
    return tuple(found)


def _in_app(settings: Settings) -> Callable[[str], bool]:
    """Silent sign-in works only in WeChat's and WeCom's own browsers; the twin's phones always can."""
    if not real_platforms(settings):
        return lambda _agent: True
    return lambda agent: "MicroMessenger" in agent or "wxwork" in agent


async def _problem(house: House) -> str:
    """What keeps this process from serving; empty when nothing does."""
    try:
        return await outdated(house.database)
    except Exception as error:  # noqa: BLE001 - whatever the driver says means: not ready
        return f"数据库没有回应：{type(error).__name__}"


def _mount_console(app: web.Application, house: House) -> None:
    settings = house.settings
    root = content_directory(settings)
    today = local(house.clock.now()).date()
    parts = ConsoleParts(
        clock=house.clock,
        accounts=house.accounts,
        audit=house.audit,
        campaigns=house.campaigns,
        desk=house.desk,
        control=control_tools(house),
        content=house.content,
        places=house.people,
        bind_desk=house.bind_desk,
        bind_printer=Printer(house),
        reading=DeskReading(house.database, house.clock, ways_set_up(settings)),
        statistics=house.statistics,
        switches=house.switches,
        ledger=LedgerStore(house.database),
        ledgering=house.ledgering,
        roster=house.roster,
        clients=house.clients,
        rectifications=house.rectifications,
        rectifying=house.rectifying,
        proposals=house.proposals,
        shelf=house.shelf,
        sheets=SheetTools(read=read_bytes, write=_write_pages, write_result=write_result),
        ahead=ahead_of(house),
        upcoming=house.moments.upcoming,
        due_between=house.moments.due_between,
        findings=_findings_by_item(root, today),
        health=lambda: health(house),
        profiles=house.profiles,
        topic_names={topic.id.value: topic.name for topic in load_topics(root)},
        secure=settings.public_url.startswith("https://"),
        demo=settings.demo,
        frame_ancestors=settings.frame_ancestors,
    )
    add_console(app, parts)


def control_tools(house: House) -> ControlTools:
    control = house.control
    return ControlTools(
        additions=control.additions,
        corrections=control.corrections,
        deciding=control.deciding,
        resending=control.resending,
        recalling=control.recalling,
        amendments=control.amendments,
        stages=control.stages,
        caution=control.rollouts.caution,
        recalls=control.recalls,
    )


def _write_pages(path: Path, pages: Sequence[SheetPage]) -> None:
    """Every export goes through the writer that neutralises formulas."""
    write_table(
        path,
        [
            Page(
                name=page.name,
                head=page.head,
                rows=page.rows,
                caption=page.caption,
                widths=page.widths,
            )
            for page in pages
        ],
    )


def _findings_by_item(root: Path, today: date) -> Callable[[str], Sequence[FindingSeen]]:
    """What the checker says, by item; looked at once, when somebody first asks."""
    found: dict[str, list[FindingSeen]] | None = None

    def findings(item: str) -> Sequence[FindingSeen]:
        nonlocal found
        if found is None:
            found = {}
            for one in check(root, today=today):
                found.setdefault(Path(one.file).stem, []).append(
                    FindingSeen(
                        place=f"{one.file}:{one.line}",
                        message=one.message,
                        suggestion=one.suggestion,
                        error=one.severity is Severity.ERROR,
                    )
                )
        return found.get(item, ())

    return findings


async def health(house: House) -> Sequence[HealthLine]:
    """The console's health page: what this process can see of itself."""
    problem = await _problem(house)
    channels = "、".join(CHANNELS[kind] for kind in house.channels)
    stopped = await house.switches.stopped()
    shut = await house.ways.closed()
    return (
        HealthLine(
            name="数据库", well=not problem, text=problem or "正常", mend="lianbot db upgrade"
        ),
        HealthLine(
            name="渠道",
            well=bool(channels),
            text=channels or "没有配置",
            mend="在设置里填企业微信或服务号的几项，再运行 lianbot doctor",
        ),
        HealthLine(
            name="发法",
            well=not shut,
            text="；".join(f"{WAYS[way]}没有权限（{why}）" for way, why in shut.items()) or "正常",
            mend="运行 lianbot doctor，按提示改好后它会重新打开；在那之前改走别的发法",
        ),
        HealthLine(
            name="总开关",
            well=not stopped,
            text="已全部停发" if stopped else "正常",
            mend="要恢复请点“恢复推送”",
        ),
    )
