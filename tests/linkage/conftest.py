"""A seeded month of a school at a real door, and everything an attacker could carry away afterwards."""

import base64
import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from fakes.luck import binomial_bound
from lianbot.door.bucket import Bucket
from lianbot.door.keeper import Keeper, open_keeper
from lianbot.officer.casework import answer
from lianbot.officer.desk import Desk
from lianbot.officer.keyfile import OfficerKeys, new_keys
from lianbot.officer.weekly import make_pack
from lianbot.sealing.recipients import Recipients, write_recipients
from lianbot.sealing.reporter import Reporter

START = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
DAYS = 28
CONCERNS = 40
FOLLOW_UPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One letter as it really was: who, when, under which tag; what the tests know and the attacker seeks."""

    worker: int
    moment: datetime
    tag: bytes
    dialogue: int


@dataclass(kw_only=True)
class Loot:
    """What is stolen. `events` is empty unless a broken build keeps menu events."""

    workers: int
    first_seen: dict[bytes, date]
    acknowledged: dict[int, set[date]]
    events: list[tuple[int, datetime]] = field(default_factory=list)
    moments: dict[bytes, datetime] = field(default_factory=dict)
    dialogues: dict[bytes, int] = field(default_factory=dict)


@dataclass(kw_only=True)
class World:
    """One month: the folder, its daily copies, and the truth."""

    folder: Path
    workers: int
    keys: OfficerKeys
    recipients: Recipients
    truth: list[Filed] = field(default_factory=list)
    views: list[tuple[int, datetime]] = field(default_factory=list)
    acknowledged: dict[int, set[date]] = field(default_factory=dict)
    backups: list[Path] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    picked_up: int = 0
    now: datetime = START

    def loot(self) -> Loot:
        """What the sound build leaves behind: rows by day of first appearance, and the house's own records."""
        seen: dict[bytes, date] = {}
        for number, copy in enumerate(self.backups):
            raw = (copy / "sealed.bin").read_bytes()
            for at in range(0, len(raw), 16682):
                seen.setdefault(raw[at : at + 16], (START + timedelta(days=number)).date())
        return Loot(workers=self.workers, first_seen=seen, acknowledged=self.acknowledged)


def _day_of(world: World, day: int, chance: random.Random) -> list[tuple[datetime, int]]:
    """Who opens the front page when, on one day; about three days a week each."""
    opened = [
        (START + timedelta(days=day, minutes=chance.randrange(0, 14 * 60)), worker)
        for worker in range(world.workers)
        if chance.random() < 3 / 7
    ]
    return sorted(opened)


def _live(world: World, keeper: Keeper, chance: random.Random) -> None:
    desk = Desk(keys=world.keys, book_path=world.folder.parent / "hq.book", today=START.date())
    reporters: dict[int, tuple[int, Reporter]] = {}
    plan = sorted(chance.sample(range(DAYS * 4), CONCERNS))
    for day in range(DAYS):
        visits = _day_of(world, day, chance)
        world.views += [(worker, moment) for moment, worker in visits]
        for worker in range(world.workers):
            if chance.random() < 0.3:  # lessons come by push: independent of the front page
                world.acknowledged.setdefault(worker, set()).add(
                    (START + timedelta(days=day)).date()
                )
        for slot in [one for one in plan if one // 4 == day and visits]:
            moment, worker = chance.choice(visits)
            _file(world, keeper, reporters, slot, worker, moment, chance)
        _follow(world, reporters, visits, chance)
        world.now = START + timedelta(days=day, hours=19, minutes=10)
        if day % 7 == 6:
            _answer(world, desk, keeper)
        keeper.flush()
        _copy(world, keeper.folder, day)
    for _, reporter in reporters.values():
        world.picked_up += len(reporter.replies())


def _file(
    world: World,
    keeper: Keeper,
    reporters: dict[int, tuple[int, Reporter]],
    dialogue: int,
    worker: int,
    moment: datetime,
    chance: random.Random,
) -> None:
    def post(path: str, body: bytes) -> bytes:
        return keeper.exchange(body, bytes.fromhex(path.rpartition("=")[2]))

    world.now = moment
    reporter = Reporter(recipients=world.recipients, day=moment.date(), post=post)
    text = f"食堂后门第{dialogue}次看见有人搬东西{chance.randrange(10**6)}"
    reporter.file(text, category="property", place="食堂")
    reporters[dialogue] = (worker, reporter)
    world.truth.append(
        Filed(worker=worker, moment=moment, tag=reporter.keys.w(0), dialogue=dialogue)
    )
    world.receipts.append(reporter.receipt)
    world.texts.append(text)


def _follow(
    world: World,
    reporters: dict[int, tuple[int, Reporter]],
    visits: list[tuple[datetime, int]],
    chance: random.Random,
) -> None:
    """Some reporters add a line on a later visit, at most five times."""
    for moment, worker in visits:
        for dialogue, (author, reporter) in reporters.items():
            sent = sum(one.dialogue == dialogue for one in world.truth)
            if author != worker or sent > FOLLOW_UPS or chance.random() > 0.3:
                continue
            world.now = moment
            reporter.file("补一句", kind="more")
            tag = reporter.keys.w(sent)
            world.truth.append(Filed(worker=worker, moment=moment, tag=tag, dialogue=dialogue))


def _answer(world: World, desk: Desk, keeper: Keeper) -> None:
    """The officer's weekly hour: open, answer the newest, make the pack."""
    keeper.flush()
    desk.today = (world.now + timedelta(hours=8)).date()
    book = desk.open(keeper.folder / "out" / "sealed.bin", world.recipients).book
    for case in [case for case in book.cases if not case.replies][:8]:
        book = book.with_case(answer(case, "收到，在查"))
    book, raw = make_pack(book, desk.keys, world.recipients, desk.today)
    desk.keep(book, "pack")
    (keeper.folder / "in" / "hq.pack").write_text(raw)


def _copy(world: World, folder: Path, day: int) -> None:
    """The nightly backup as a thief would find it: with file times."""
    target = world.folder.parent / "backups" / f"{day:02d}"
    target.mkdir(parents=True)
    for name in (
        "concern.db",
        "spool.bin",
        "out/sealed.bin",
        "out/intake.json",
        "out/bulletin.bin",
    ):
        shutil.copy2(folder / name, target / Path(name).name)
    world.backups.append(target)


def live_a_month(folder: Path, workers: int, seed: int) -> World:
    """Run the month; the same seed gives the same people and moments."""
    folder.mkdir(parents=True)
    keys = new_keys("hq", "后勤纪检委员", 28)
    recipients = Recipients(
        log="lianbot/0123456789abcdef",
        salt=bytes(range(16)),
        serial=1,
        day=START.date(),
        offices=(keys.public,),
    )
    (folder / "recipients.json").write_text(write_recipients(recipients, SigningKey(bytes(32))))
    world = World(folder=folder, workers=workers, keys=keys, recipients=recipients)
    keeper = open_keeper(folder, lambda: world.now, lambda: 0.0)
    keeper.letter_bucket = Bucket(seconds=lambda: 0.0, per_hour=10**9, per_day=10**9)
    _live(world, keeper, random.Random(seed))
    return world


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], World]]:
    """A month for N workers, lived once a test run."""
    lived: dict[int, World] = {}
    root = tmp_path_factory.mktemp("months")

    def month(workers: int) -> World:
        if workers not in lived:
            lived[workers] = live_a_month(root / str(workers) / "door", workers, seed=workers)
        return lived[workers]

    yield month
    shutil.rmtree(root, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How often the first guess was right, and how often that may be by chance."""

    right: int
    tried: int
    certain: int
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacker:
    """Guesses a worker for every first letter from whatever lies in the loot."""

    seed: int = 7

    def guess_all(self, world: World, loot: Loot) -> Verdict:
        """One guess a dialogue, the best that the loot allows."""
        chance = random.Random(self.seed)
        firsts = {one.dialogue: one for one in reversed(world.truth)}
        right = certain = 0
        for dialogue, first in firsts.items():
            tags = [one.tag for one in world.truth if loot.dialogues.get(one.tag) == dialogue]
            guess, sure = self._guess(loot, first.tag, tags or [first.tag], chance)
            right += guess == first.worker
            certain += sure and guess == first.worker
        tried = len(firsts)
        return Verdict(
            right=right,
            tried=tried,
            certain=certain,
            allowed=binomial_bound(tried, 1 / world.workers),
        )

    def _guess(
        self, loot: Loot, tag: bytes, linked: list[bytes], chance: random.Random
    ) -> tuple[int, bool]:
        scores = dict.fromkeys(range(loot.workers), 0.0)
        exact = loot.moments.get(tag)
        for worker, moment in loot.events:
            for other in linked:
                if moment.date() == loot.first_seen.get(other):
                    scores[worker] += 1.0 / len(linked)
            if exact is not None and abs((moment - exact).total_seconds()) < 120:
                scores[worker] += 100.0
        for worker, days in loot.acknowledged.items():
            scores[worker] += 0.001 * (loot.first_seen.get(tag) in days)
        best = max(scores.values())
        candidates = [worker for worker, score in scores.items() if score == best]
        return chance.choice(candidates), best >= 100.0 and len(candidates) == 1


@pytest.fixture
def attacker() -> Attacker:
    return Attacker()


def every_form(word: str) -> list[bytes]:
    """A word as it could lie in an artefact: encodings, base64 (all three phases), hex, hashes."""
    forms: list[bytes] = []
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        raw = word.encode(encoding)
        forms += [raw, raw.hex().encode()]
        for phase in range(3):
            forms.append(base64.b64encode(b"\0" * phase + raw)[4 if phase else 0 : -4])
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(name, word.encode()).digest()
        forms += [digest[:16], digest.hex()[:32].encode()]
    return [form for form in forms if len(form) >= 6]


@dataclass(kw_only=True)
class Figures:
    """The measured figures of a run, written down for docs/privacy.md."""

    path: Path
    kept: dict[str, str] = field(default_factory=dict)

    def note(self, world: World, name: str, figure: str) -> None:
        self.keep(f"N={world.workers} {name}", figure)

    def keep(self, name: str, figure: str) -> None:
        self.kept[name] = figure
        self.path.write_text(json.dumps(self.kept, indent=1))


@pytest.fixture(scope="session")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Lies as figures.json in the run's base folder."""
    return Figures(path=tmp_path_factory.getbasetemp() / "figures.json")


@dataclass(frozen=True, slots=True)
class Searcher:
    """Looks for words in every form in every file, names of files included."""

    def find(self, folders: list[Path], words: list[str]) -> list[str]:
        forms = [(word, form) for word in words for form in every_form(word)]
        found: list[str] = []
        for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
            raw = path.name.encode() + b"\n" + path.read_bytes()
            found += [f"{word} in {path.name}" for word, form in forms if form in raw]
        return found


@pytest.fixture
def searcher() -> Searcher:
    return Searcher()
