"""The house: every concrete part, opened and joined; lifetimes are context managers, closed in reverse."""

import fcntl
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from lianbot.bootstrap.channels import (
    account_desk,
    budgets_of,
    open_channels,
    real_platforms,
    ways_set_up,
    windows_add,
)
from lianbot.bootstrap.control import Control, make_control
from lianbot.curriculum import load_calendar, load_posts
from lianbot.curriculum.almanac import almanac_of
from lianbot.curriculum.faq import load_library
from lianbot.curriculum.kept import open_understanding
from lianbot.curriculum.plain import lead_of
from lianbot.domain.codes import Post, Topic
from lianbot.domain.errors import InvalidInputError, LianbotError
from lianbot.domain.people import ChannelKind
from lianbot.domain.posts import PostProfile
from lianbot.domain.rollouts import Caution
from lianbot.evidence.keys import public_key
from lianbot.flows.acknowledgement import decide
from lianbot.flows.answering import Answering
from lianbot.flows.answering_memory import TopicTally
from lianbot.flows.approver_calls import ApproverCalls
from lianbot.flows.binding import Binding
from lianbot.flows.campaign import CampaignDesk
from lianbot.flows.delivery import Sender
from lianbot.flows.dressing import Dresser
from lianbot.flows.duties import Duties
from lianbot.flows.inbound import Inbound
from lianbot.flows.intake import Intake
from lianbot.flows.ledgering import Ledgering, Signer
from lianbot.flows.planning import Planner
from lianbot.flows.rectification import RectificationDesk
from lianbot.flows.ways import Fallback, WayGate
from lianbot.flows.wishes import Wishes
from lianbot.ports.account import AccountDesk
from lianbot.ports.channel import Channel
from lianbot.ports.clock import Clock
from lianbot.settings import REAL_WECOM, Settings
from lianbot.storage import installation
from lianbot.storage.accounts import AccountStore
from lianbot.storage.answers import SqlAnswerBook
from lianbot.storage.audit import AuditTrail
from lianbot.storage.bind_desk import SqlBindDesk
from lianbot.storage.binding import SqlBindBook
from lianbot.storage.campaigns import CampaignStore
from lianbot.storage.clients import ClientStore
from lianbot.storage.consents import ConsentStore
from lianbot.storage.content import ContentStore
from lianbot.storage.database import Database, open_database
from lianbot.storage.door_files import DoorFiles
from lianbot.storage.duties import DutyStore
from lianbot.storage.enclosures import SqlCards
from lianbot.storage.hours import HoursStore
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.outbox import SqlOutbox
from lianbot.storage.pages import SqlPhoneBook
from lianbot.storage.people import Directory, PeopleStore
from lianbot.storage.planning import SqlPlanBook
from lianbot.storage.rectification import ProposalStore, RectificationStore
from lianbot.storage.rerouting import SqlWays
from lianbot.storage.revision import outdated
from lianbot.storage.rhythm import SqlRhythm
from lianbot.storage.roster import SqlRosterStore
from lianbot.storage.statistics import Statistics
from lianbot.storage.tokens import SqlTokenShelf
from lianbot.storage.windows import SqlWindows
from lianbot.timetable.clocks import open_clock
from lianbot.timetable.moments import CronMoments
from lianbot.understanding.library import Library

SIGNER_NAME = "lianbot-ledger"
SIGNING_KEY = "ledger.key"
PACKAGED_CONTENT = Path(__file__).parents[1] / "library"
CHECKOUT_CONTENT = Path(__file__).parents[3] / "content"


class NotReadyError(LianbotError):
    """Something outside the code keeps lianbot from running; the message says what to do (exit code 3)."""


class ApprovedAnswers:
    """Which topics' answers a reviewer has approved, word for word as they would be shown (P5)."""

    def __init__(self, library: Library, content: ContentStore) -> None:
        self._library = library
        self._content = content
        self._approved: dict[Topic, frozenset[str]] = {}

    def may_show(self, topic: Topic) -> bool:
        answer = self._library.answers[topic]
        return answer.text.strip() in self._approved.get(topic, frozenset())

    async def refresh(self) -> None:
        self._approved = await self._content.approved_answers()


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Every joined part, for the entrances and the command line."""

    settings: Settings
    clock: Clock
    database: Database
    origin: str
    profiles: Mapping[Post, PostProfile]
    directory: Directory
    people: PeopleStore
    roster: SqlRosterStore
    content: ContentStore
    campaigns: CampaignStore
    desk: CampaignDesk
    accounts: AccountStore
    audit: AuditTrail
    statistics: Statistics
    switches: installation.Switches
    outbox: SqlOutbox
    plans: SqlPlanBook
    ways: SqlWays
    windows: SqlWindows
    fallback: Fallback
    moments: CronMoments
    hours: HoursStore
    answers: SqlAnswerBook
    clients: ClientStore
    answering: Answering
    approved: ApprovedAnswers
    tally: TopicTally
    inbound: Inbound
    binding: Binding
    binds: SqlBindBook
    bind_desk: SqlBindDesk
    ledgering: Ledgering
    intake: Intake | None
    shelf: DoorFiles | None
    rectifications: RectificationStore
    rectifying: RectificationDesk
    proposals: ProposalStore
    duties: Duties
    calls: ApproverCalls
    planner: Planner
    channels: Mapping[ChannelKind, Channel]
    account_desk: AccountDesk | None
    sender: Sender
    control: Control
    owner: str


def content_directory(settings: Settings) -> Path:
    """The setting, else the library beside a checkout, else the one shipped in the package."""
    if settings.content_dir is not None:
        if not settings.content_dir.is_dir():
            raise InvalidInputError("LIANBOT_CONTENT_DIR", f"文件夹 {settings.content_dir} 不存在")
        return settings.content_dir
    return CHECKOUT_CONTENT if CHECKOUT_CONTENT.is_dir() else PACKAGED_CONTENT


def derive_key(settings: Settings, purpose: str) -> bytes:
    """32 bytes for one purpose out of the secret key; raises InvalidInputError when it is too short."""
    secret = settings.secret_key.get_secret_value()
    if len(secret) < 32:
        raise InvalidInputError(
            "LIANBOT_SECRET_KEY", "没有设置或少于 32 个字符，请运行 lianbot init 生成"
        )
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


@asynccontextmanager
async def open_house(settings: Settings, *, check_schema: bool = True) -> AsyncIterator[House]:
    """Opens database, clock and channels and joins the flows to them.

    Raises InvalidInputError naming a setting, NotReadyError when the database is not usable.
    """
    clock = open_clock(settings.clock)
    _refuse_moved_clock(settings)
    _refuse_open_demo(settings)
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url)
        stack.push_async_callback(database.close)
        if check_schema:
            await _check(database)
        origin = await installation.establish(database, clock.now())
        yield await _join(settings, clock, database, origin, stack)


async def _check(database: Database) -> None:
    try:
        problem = await outdated(database)
    except (OSError, Exception) as error:
        raise NotReadyError(f"连不上数据库 {database.url.render_as_string()}：{error}") from error
    if problem:
        raise NotReadyError(problem)


def _refuse_moved_clock(settings: Settings) -> None:
    if settings.clock != "system" and real_platforms(settings):
        raise InvalidInputError("LIANBOT_CLOCK", "用了挪动的时钟又连着真平台：真平台只能用 system")


def _refuse_open_demo(settings: Settings) -> None:
    """In the demo anybody who reaches the console switches roles without a password."""
    if not settings.demo:
        return
    if not _on_this_machine(settings.http_host):
        raise InvalidInputError(
            "LIANBOT_DEMO",
            "演示不用密码，只能在本机：把 LIANBOT_HTTP_HOST 改回 127.0.0.1，或者去掉 LIANBOT_DEMO",
        )
    if settings.wecom_api_base == REAL_WECOM or real_platforms(settings):
        raise InvalidInputError(
            "LIANBOT_DEMO", "演示不能连真平台：去掉 LIANBOT_DEMO，或者用 lianbot demo"
        )


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _join(
    settings: Settings,
    clock: Clock,
    database: Database,
    origin: str,
    stack: AsyncExitStack,
) -> House:
    root = content_directory(settings)
    profiles = {profile.code: profile for profile in load_posts(root)}
    directory = Directory(database)
    await directory.refresh()
    content = ContentStore(database, origin)
    campaigns = CampaignStore(database)
    ways = ways_set_up(settings)
    way_book = SqlWays(database, ways)
    windows = SqlWindows(database, windows_add(settings))
    plans = SqlPlanBook(database, origin, ways)
    outbox = SqlOutbox(database, budgets_of(settings))
    switches = installation.Switches(database)
    hours = HoursStore(database)
    moments = CronMoments(almanac_of(load_calendar(root)))
    clients = ClientStore(database)
    stack.push_async_callback(clients.drain)
    answers = SqlAnswerBook(
        database,
        decide=decide,
        clock=clock,
        origin=origin,
        repeat_key=derive_key(settings, "repeats"),
    )
    library = load_library(root)
    approved = ApprovedAnswers(library, content)
    await approved.refresh()
    answering = make_answering(settings, library, profiles, approved)
    tally = TopicTally()
    channels = await open_channels(settings, clock, SqlTokenShelf(database), stack)
    binds = SqlBindBook(database, origin)
    binding = make_binding(settings, clock, profiles, binds, ConsentStore(database), directory)
    control = make_control(
        database,
        clock,
        plans=plans,
        campaigns=campaigns,
        content=content,
        moments=moments,
        channels=channels,
        caution=Caution(
            rest=timedelta(minutes=settings.stage_rest_minutes),
            bad_percent=settings.stage_bad_percent,
        ),
    )
    owner = secrets.token_hex(8)
    shelf = DoorFiles(settings.door_dir) if settings.door_dir else None
    people, statistics = PeopleStore(database), Statistics(database)
    rectifications, proposals = RectificationStore(database), ProposalStore(database)
    dresser = Dresser(
        origin=origin,
        public_url=settings.public_url,
        lead_of=lead_of,
        bulletin=bool(settings.door_public_url),
        sharers=directory.sharers,
    )
    return House(
        settings=settings,
        clock=clock,
        database=database,
        origin=origin,
        profiles=profiles,
        directory=directory,
        people=people,
        roster=SqlRosterStore(database, clock=clock, origin=origin),
        content=content,
        campaigns=campaigns,
        desk=CampaignDesk(
            book=campaigns,
            shelf=content,
            moments=moments,
            clock=clock,
            channels=frozenset(channels),
        ),
        accounts=AccountStore(database),
        audit=AuditTrail(database),
        statistics=statistics,
        switches=switches,
        outbox=outbox,
        plans=plans,
        moments=moments,
        hours=hours,
        answers=answers,
        clients=clients,
        answering=answering,
        approved=approved,
        tally=tally,
        inbound=Inbound(
            directory=directory,
            answers=answers,
            answering=answering,
            tally=tally,
            clock=clock,
            origin=origin,
            visits=windows,
            results=way_book,
            binding=binding,
            clients=clients,
            latest=SqlPhoneBook(database),
            public_url=settings.public_url,
        ),
        ways=way_book,
        windows=windows,
        fallback=Fallback(book=way_book, results=way_book, clock=clock),
        binding=binding,
        binds=binds,
        bind_desk=SqlBindDesk(database, origin),
        ledgering=Ledgering(
            book=LedgerStore(database), signer=await _signer(settings, database), clock=clock
        ),
        intake=Intake(shelf=shelf, book=LedgerStore(database), clock=clock) if shelf else None,
        shelf=shelf,
        rectifications=rectifications,
        rectifying=RectificationDesk(
            book=rectifications, proposals=proposals, places=people, crowd=statistics, clock=clock
        ),
        proposals=proposals,
        duties=Duties(
            book=DutyStore(database),
            facts=LedgerStore(database),
            shelf=shelf,
            staff=switches,
            channels=channels,
            clock=clock,
            superiors=listed(settings.superior_accounts),
            allowed=listed(settings.pilot_allow),
        ),
        calls=ApproverCalls(
            book=DutyStore(database),
            hours=hours,
            profiles=profiles,
            staff=switches,
            channels=channels,
            clock=clock,
            page_url=f"{settings.public_url.rstrip('/')}/m/approve" if settings.public_url else "",
            allowed=listed(settings.pilot_allow),
        ),
        planner=Planner(
            book=plans,
            shelf=content,
            moments=moments,
            profiles=profiles,
            clock=clock,
            rhythm=SqlRhythm(database),
            hours=hours,
            staff=switches,
        ),
        channels=channels,
        account_desk=account_desk(channels),
        sender=Sender(
            outbox=outbox,
            staff=switches,
            channels=channels,
            dress=dresser.dress,
            profiles=profiles,
            clock=clock,
            owner=owner,
            width=settings.send_width,
            hours=hours,
            gate=WayGate(windows=windows, ways=way_book, staff=switches),
            watch=control.watch,
            allowed=listed(settings.pilot_allow),
            cards=SqlCards(database),
        ),
        control=control,
        owner=owner,
    )


def listed(setting: str) -> frozenset[str]:
    """The entries of a setting that is a list, whichever comma was typed."""
    return frozenset(setting.replace("，", " ").replace(",", " ").split())


def make_binding(
    settings: Settings,
    clock: Clock,
    profiles: Mapping[Post, PostProfile],
    book: SqlBindBook,
    consents: ConsentStore,
    directory: Directory,
) -> Binding:
    public = settings.public_url.rstrip("/")
    return Binding(
        book=book,
        wishes=Wishes(book=book, consents=consents, clock=clock, refresh=directory.refresh),
        clock=clock,
        posts=profiles,
        key=derive_key(settings, "binding"),
        page_url=f"{public}/m/bind" if public else "",
        refresh=directory.refresh,
    )


def make_answering(
    settings: Settings,
    library: Library,
    profiles: Mapping[Post, PostProfile],
    approved: ApprovedAnswers,
) -> Answering:
    return Answering(
        library=library,
        understanding=open_understanding(library.language, settings.data_dir),
        posts=profiles,
        door_url=settings.door_public_url or None,
        ask_url=f"{settings.public_url.rstrip('/')}/m/ask" if settings.public_url else "",
        may_show=approved.may_show,
    )


async def _signer(settings: Settings, database: Database) -> Signer:
    """The ledger's signing seed lies in a file of its own, never in the database it vouches for."""
    path = settings.data_dir / SIGNING_KEY
    if not path.exists():
        make_signing_key(path)
    seed = bytes.fromhex(path.read_text().strip())
    await LedgerStore(database).keep_first_signer(SIGNER_NAME, public_key(seed))
    return Signer(name=SIGNER_NAME, seed=seed)


def make_signing_key(path: Path) -> None:
    """A fresh seed, readable by the owner only. Raises NotReadyError when it cannot be written."""
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_hex(32) + "\n")
    except OSError as error:
        raise NotReadyError(
            f"写不了签名钥匙 {path}：{error.strerror}，请检查 LIANBOT_DATA_DIR"
        ) from error


def hold_alone(database: Database) -> IO[str] | None:
    """On SQLite one `serve` at a time: an advisory lock beside the file. None on PostgreSQL.

    Raises NotReadyError when another process holds it.
    """
    if not database.is_sqlite or database.url.database is None:
        return None
    handle = Path(f"{database.url.database}.lock").open("w")  # noqa: SIM115 - held for the process's life
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise NotReadyError(
            f"{database.url.database} 正被另一个 lianbot serve 用着：SQLite 只能有一个，多个进程请用 PostgreSQL"
        ) from error
    return handle
