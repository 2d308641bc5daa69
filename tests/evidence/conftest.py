"""Fixed salts, keys and entries; one good bundle with everything in it; and the verifiers that judge copies of it."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lianbot.evidence import entries, keys, tree
from lianbot.evidence.bundle import DetailOpened, WorkerOpened, write_bundle
from lianbot.evidence.checkpoints import Checkpoint, TreeHead, sign_checkpoint
from lianbot.evidence.commitments import (
    BindChannel,
    Via,
    account_commitment,
    detail_commitment,
    quiz_commitment,
    worker_commitment,
)
from lianbot.evidence.editions import Media, QuizEdition, TextEdition, TextKind, edition_hash
from lianbot.evidence.fields import Answer, Method
from lianbot.evidence.rosters import roster_bytes, roster_hash
from lianbot.evidence.verify_bundle import BundleError, verify

LOG = "lianbot/00112233445566aa"
MINUTE = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
COOK = "11111111-1111-4111-8111-111111111111"
LEAD = "22222222-2222-4222-8222-222222222222"
OCCURRENCE = "33333333-3333-4333-8333-333333333333"
EDITION = "ab" * 32


@pytest.fixture(scope="session")
def seed() -> bytes:
    return bytes(range(32))


@pytest.fixture(scope="session")
def facts(seed: bytes) -> dict[str, entries.Fact]:
    """One fact of every type (the ack twice), with values that never change."""
    worker = worker_commitment(b"\x01" * 32, COOK)
    lead = worker_commitment(b"\x02" * 32, LEAD)
    detail = detail_commitment(b"\x03" * 32, msgid="7001", via=Via.CALLBACK, wording="看懂了")
    shown: dict[str, Any] = {"worker": worker, "edition": EDITION, "item": "LSN-RECV-001"}
    new = keys.public_key(b"\x09" * 32)
    return {
        "edition": entries.EditionPublished(edition=EDITION, item="LSN-RECV-001"),
        "campaign": entries.CampaignPlanned(occurrence=OCCURRENCE, planned=2, roster="cd" * 32),
        "show": entries.Shown(**shown, occurrence=OCCURRENCE),
        "ack": entries.Acknowledged(
            **shown,
            occurrence=OCCURRENCE,
            method=Method.QUIZ,
            answer=Answer.UNDERSTOOD,
            detail=detail,
            quiz=quiz_commitment(b"\x04" * 32, final=1, variant="QZ-RECV-001"),
        ),
        "ack-assisted": entries.Acknowledged(
            **shown,
            occurrence=OCCURRENCE,
            method=Method.ASSISTED,
            answer=Answer.CANNOT,
            detail=detail,
            by=lead,
            on=date(2026, 11, 30),
        ),
        "bind": entries.Bound(
            worker=worker,
            channel=BindChannel.WECOM,
            account=account_commitment(b"\x01" * 32, BindChannel.WECOM, "zhang3"),
        ),
        "correct": entries.Corrected(of=3, worker=worker, by=lead, detail=detail),
        "erase": entries.Erased(worker=worker, by=lead),
        "intake": entries.IntakeSeen(root=bytes(32)),
        "attest": entries.Attested(
            week="2026-W48",
            officer=keys.officer_id(keys.public_key(b"\x08" * 32)),
            sig=keys.sign(b"\x08" * 32, keys.attest_message(LOG, "2026-W48")),
        ),
        "key": entries.KeyChanged(pub=new, sig=keys.sign(seed, keys.key_message(new, 7))),
    }


@pytest.fixture(scope="session")
def placed(facts: dict[str, entries.Fact]) -> dict[str, entries.Entry]:
    """Every fact at seq 7 of the same log and minute."""
    return {
        name: entries.Entry(log=LOG, seq=7, minute=MINUTE, fact=fact)
        for name, fact in facts.items()
    }


# --- one good bundle --------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@dataclass
class Bundle:
    """A bundle on disk and the keys to it: what a thief of the key could do with it."""

    folder: Path
    seeds: dict[int, bytes] = field(default_factory=dict)  # from_seq → the signer's seed
    names: dict[int, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[bytes]:
        return (self.folder / "entries.jsonl").read_bytes().split(b"\n")[:-1]

    @lines.setter
    def lines(self, lines: list[bytes]) -> None:
        (self.folder / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))

    @property
    def sizes(self) -> list[int]:
        return sorted(int(path.stem) for path in (self.folder / "checkpoints").iterdir())

    @property
    def disclosed(self) -> list[dict[str, Any]]:
        lines = (self.folder / "disclosures.jsonl").read_bytes().splitlines()
        return [json.loads(line) for line in lines]

    @disclosed.setter
    def disclosed(self, rows: list[dict[str, Any]]) -> None:
        data = b"".join(canonical(row) + b"\n" for row in rows)
        (self.folder / "disclosures.jsonl").write_bytes(data)

    @property
    def keys(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.folder / "keys.json").read_bytes())
        return value

    @keys.setter
    def keys(self, value: dict[str, Any]) -> None:
        (self.folder / "keys.json").write_bytes(canonical(value))

    def entry(self, seq: int) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.lines[seq])
        return value

    def edit(self, at: int, **changes: Any) -> None:
        """Change keys of the entry in line `at`."""
        lines = self.lines
        lines[at] = canonical({**json.loads(lines[at]), **changes})
        self.lines = lines

    def add(self, **keys_: Any) -> int:
        """Append an entry in its right form, at the minute of the last one."""
        lines = self.lines
        last = json.loads(lines[-1])
        common = {key: last[key] for key in ("v", "log", "minute")}
        lines.append(canonical({**common, "seq": len(lines), **keys_}))
        self.lines = lines
        return len(lines) - 1

    def root(self, size: int) -> bytes:
        return tree.root(tree.leaf_hash(line) for line in self.lines[:size])

    def anchor(self, size: int) -> str:
        """SIZE:ROOT as it stands on the checkpoint now."""
        note = (self.folder / "checkpoints" / f"{size}.txt").read_text("utf-8")
        return f"{size}:{note.splitlines()[2]}"

    def seed_for(self, size: int) -> tuple[str, bytes]:
        start = max(at for at in self.seeds if at < size)
        return self.names[start], self.seeds[start]

    def sign(self, size: int, minute: datetime, prev: int | None) -> bytes:
        head = TreeHead(size=prev, root=self.root(prev)) if prev else None
        checkpoint = Checkpoint(
            log=self.keys["origin"], size=size, root=self.root(size), minute=minute, prev=head
        )
        name, seed = self.seed_for(size)
        return sign_checkpoint(checkpoint, name=name, seed=seed)

    def checkpoint(self, size: int, minute: datetime, prev: int | None) -> None:
        note = self.sign(size, minute, prev)
        (self.folder / "checkpoints" / f"{size}.txt").write_bytes(note)

    def minute_of(self, size: int) -> datetime:
        note = (self.folder / "checkpoints" / f"{size}.txt").read_text("utf-8")
        written = note.splitlines()[3].removeprefix("minute ")
        return datetime.strptime(written, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)

    def sign_again(self) -> None:
        """The stolen key: every checkpoint anew over what the entries are now, old notes thrown away."""
        before: int | None = None
        for size in self.sizes:
            self.checkpoint(size, self.minute_of(size), before)
            before = size
        shutil.rmtree(self.folder / "anchors")


def salt(number: int) -> bytes:
    return hashlib.sha256(b"salt %d" % number).digest()


def person(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-000000000000"


def worker(number: int) -> str:
    return worker_commitment(salt(number), person(number))


def detail(seq: int, wording: str, via: Via = Via.CALLBACK) -> DetailOpened:
    return DetailOpened(
        seq=seq, salt=salt(1000 + seq), msgid=f"70{seq:02d}", via=via, wording=wording
    )


def committed(opened: DetailOpened) -> str:
    return detail_commitment(
        opened.salt, msgid=opened.msgid, via=opened.via, wording=opened.wording
    )


def bind(number: int, channel: BindChannel, account: str) -> entries.Bound:
    commitment = account_commitment(salt(number), channel, account)
    return entries.Bound(worker=worker(number), channel=channel, account=commitment)


OLD_SEED, NEW_SEED, OFFICER_SEED = b"\x05" * 32, b"\x06" * 32, b"\x07" * 32
VOICE = b"#!AMR\n" + bytes(range(64))
QUIZ = QuizEdition(
    id="QZ-RECV-001",
    text="司机急着走，让您先签空白单。您怎么办？",
    options=["先签，回头再补", "过秤写满，两人签", "让司机自己填"],
    answer=1,
    why="签了名，上面的数就算您点的。",
)
LESSON = TextEdition(
    id="LSN-RECV-001",
    type=TextKind.LESSON,
    title="空白单子，一笔都不签",
    text="早上五点半，菜车到了。司机说：“师傅先签字。”这个字不能签。",
    quiz=[edition_hash(QUIZ.to_bytes())],
    media=[Media(name="LSN-RECV-001.amr", sha256=edition_hash(VOICE))],
)
CASE = TextEdition(
    id="CASE-COOK-001",
    type=TextKind.CASE,
    title="一块排骨，十一个人",
    text="一次拿一点，四年多，加起来四十万元。",
    tag="情景案例",
)
ROSTER = roster_bytes(worker(number) for number in (1, 2, 3, 4))
DETAILS = {
    6: detail(6, "选好了"),
    7: detail(7, "做不到"),
    11: detail(11, "更正", Via.LEAD),
    14: detail(14, "已口头讲到", Via.LEAD),
    17: detail(17, "看懂了"),
}


def told(number: int, edition: TextEdition) -> dict[str, Any]:
    return {
        "worker": worker(number),
        "edition": edition_hash(edition.to_bytes()),
        "item": edition.id,
        "occurrence": OCCURRENCE,
    }


def answered(seq: int, number: int, edition: TextEdition, **rest: Any) -> entries.Acknowledged:
    return entries.Acknowledged(**told(number, edition), detail=committed(DETAILS[seq]), **rest)


def good_facts() -> list[entries.Fact]:
    """Eighteen entries, every type among them; worker 4 is the one who was erased, 9 the lead."""
    new = keys.public_key(NEW_SEED)
    officer = keys.public_key(OFFICER_SEED)
    editions = [
        entries.EditionPublished(edition=edition_hash(one.to_bytes()), item=one.id)
        for one in (LESSON, CASE)
    ]
    return [
        *editions,
        bind(1, BindChannel.WECOM, "zhang3"),
        bind(2, BindChannel.OFFICIAL, "oLi4"),
        entries.CampaignPlanned(occurrence=OCCURRENCE, planned=4, roster=roster_hash(ROSTER)),
        entries.Shown(**told(1, LESSON)),
        answered(
            6,
            1,
            LESSON,
            method=Method.QUIZ,
            answer=Answer.UNDERSTOOD,
            quiz=quiz_commitment(salt(77), final=1, variant="QZ-RECV-001"),
        ),
        answered(7, 2, LESSON, method=Method.TAP, answer=Answer.CANNOT),
        entries.IntakeSeen(root=hashlib.sha256(b"door").digest()),
        entries.Attested(
            week="2026-W48",
            officer=keys.officer_id(officer),
            sig=keys.sign(OFFICER_SEED, keys.attest_message(LOG, "2026-W48")),
        ),
        entries.KeyChanged(pub=new, sig=keys.sign(OLD_SEED, keys.key_message(new, 10))),
        entries.Corrected(of=7, worker=worker(2), by=worker(9), detail=committed(DETAILS[11])),
        bind(1, BindChannel.NONE, ""),
        bind(1, BindChannel.WECOM, "zhang3-new"),
        answered(
            14,
            3,
            LESSON,
            method=Method.ASSISTED,
            answer=Answer.UNDERSTOOD,
            by=worker(9),
            on=date(2026, 12, 2),
        ),
        entries.Erased(worker=worker(4), by=worker(9)),
        entries.Shown(**told(2, CASE)),
        answered(17, 2, CASE, method=Method.REPLY, answer=Answer.UNDERSTOOD),
    ]


def good_lines() -> list[bytes]:
    """An entry an hour, so that every back-dating has room."""
    return [
        entries.Entry(log=LOG, seq=seq, minute=MINUTE + timedelta(hours=seq), fact=fact).to_bytes()
        for seq, fact in enumerate(good_facts())
    ]


def opened(number: int, name: str) -> WorkerOpened:
    return WorkerOpened(id=person(number), name=name, no=f"H{number:04d}", salt=salt(number))


def good_notes(lines: list[bytes]) -> Iterator[bytes]:
    """Checkpoints of 8 (old key), 11 and 16 (new key); entries 16 and 17 stay loose."""
    leaves = [tree.leaf_hash(line) for line in lines]
    before = None
    for size, name, seed in ((8, "jiu", OLD_SEED), (11, "xin", NEW_SEED), (16, "xin", NEW_SEED)):
        head = TreeHead(size=size, root=tree.root(leaves[:size]))
        minute = MINUTE + timedelta(hours=size - 1, minutes=30)
        note = Checkpoint(log=LOG, size=size, root=head.root, minute=minute, prev=before)
        yield sign_checkpoint(note, name=name, seed=seed)
        before = head


@pytest.fixture(scope="session")
def good_book() -> keys.KeyBook:
    return keys.KeyBook(
        origin=LOG,
        signers=[
            keys.KnownSigner(from_seq=0, name="jiu", pub=keys.public_key(OLD_SEED)),
            keys.KnownSigner(from_seq=10, name="xin", pub=keys.public_key(NEW_SEED)),
        ],
        officers=[keys.public_key(OFFICER_SEED)],
    )


@pytest.fixture(scope="session")
def good_parts(good_book: keys.KeyBook) -> dict[str, Any]:
    """The arguments of write_bundle for the good bundle."""
    lines = good_lines()
    notes = list(good_notes(lines))
    return {
        "entries": lines,
        "checkpoints": notes,
        "editions": [LESSON.to_bytes(), QUIZ.to_bytes(), VOICE, CASE.to_bytes()],
        "rosters": [ROSTER],
        "keys": good_book,
        "disclosures": [opened(1, "张三"), opened(9, "李班长"), DETAILS[6], DETAILS[11]],
        "anchors": [("poster-8.txt", notes[0]), ("poster-8.jpg", b"\xff\xd8\xff scan")],
    }


@pytest.fixture(scope="session")
def good_folder(good_parts: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good") / "bundle"
    write_bundle(folder, **good_parts)
    return folder


@pytest.fixture
def bundle(good_folder: Path, tmp_path: Path) -> Bundle:
    """A copy of the good bundle to do harm to."""
    folder = tmp_path / "bundle"
    shutil.copytree(good_folder, folder)
    return Bundle(folder, {0: OLD_SEED, 10: NEW_SEED}, {0: "jiu", 10: "xin"})


# --- the three verifiers ----------------------------------------------------------------------------

Verdict = dict[str, Any]
Judge = Callable[..., Verdict]


def by_library(folder: Path, *, strict: bool = False, anchor: str | None = None) -> Verdict:
    try:
        return verify(folder, strict, anchor).as_dict()
    except BundleError as error:
        return {"ok": False, "place": error.place, "name": error.name, "code": error.code}


SHIPPED = Path(__file__).parents[2] / "src/lianbot/evidence"


def by_shipped_file(folder: Path, *, strict: bool = False, anchor: str | None = None) -> Verdict:
    """verify.py as an auditor runs it: nothing but the standard library can be imported."""
    command: list[str | Path] = [
        sys.executable,
        "-I",
        "-S",
        SHIPPED / "verify_bundle.py",
        folder,
        "--json",
    ]
    command += ["--strict"] * strict + (["--anchor", anchor] if anchor else [])
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.stderr == ""
    verdict: Verdict = json.loads(ran.stdout)
    assert ran.returncode == (0 if verdict["ok"] else 1)
    verdict.pop("zh", None), verdict.pop("en", None)
    return verdict


@pytest.fixture(
    params=["library", "verify.py", pytest.param("verify.html", marks=pytest.mark.browser)]
)
def judge(request: pytest.FixtureRequest) -> Judge:
    """One of the verifiers: judge(folder, strict=…, anchor=…) gives its JSON verdict."""
    match request.param:
        case "library":
            return by_library
        case "verify.py":
            return by_shipped_file
        case _:
            page: Judge = request.getfixturevalue("judge_by_page")
            return page


CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


# By module, not session: while Playwright's synchronous API is open, no asynchronous test can run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        opened_ = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened_
        opened_.close()


@pytest.fixture(scope="module")
def verify_page(browser: Browser) -> Iterator[Page]:
    """verify.html as a file on a phone-sized page, without any network."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page = context.new_page()
    page.goto((SHIPPED / "enclosed/verify.html").as_uri())
    yield page
    context.close()


def by_page(
    page: Page, folder: Path, *, strict: bool = False, anchor: str | None = None
) -> Verdict:
    page.reload()
    page.set_checked("#strict", strict)
    page.fill("#anchor", anchor or "")
    page.set_input_files("#folder", folder)
    page.wait_for_selector("#json", state="attached")
    verdict: Verdict = json.loads(page.text_content("#json") or "")
    verdict.pop("zh", None), verdict.pop("en", None)
    return verdict


@pytest.fixture
def judge_by_page(verify_page: Page) -> Judge:
    return partial(by_page, verify_page)
