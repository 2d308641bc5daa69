"""A good bundle: what the verifiers say of it, how it is written, and that a half one never looks whole."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lianbot.evidence import verify_bundle
from lianbot.evidence.bundle import DetailOpened, read_checkpoints, read_entries, write_bundle
from lianbot.evidence.checkpoints import Checkpoint, TreeHead, sign_checkpoint
from lianbot.evidence.commitments import Via
from lianbot.evidence.entries import parse_entry
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.fields import write_base64
from lianbot.evidence.keys import KeyBook, KnownSigner, grouped, public_key
from lianbot.evidence.tree import Frontier, leaf_hash
from lianbot.evidence.verify_bundle import BundleError, verify

SOURCE = Path(verify_bundle.__file__)
Judge = Callable[..., dict[str, Any]]


def test_a_good_bundle_is_accepted_with_its_figures(
    bundle: Any, judge: Judge, good_parts: dict[str, Any]
) -> None:
    assert judge(bundle.folder) == {
        "ok": True,
        "origin": "lianbot/00112233445566aa",
        "fingerprint": good_parts["keys"].fingerprint,
        "size": 18,
        "root_b64": write_base64(bundle.root(18)),
        "checkpoints": 3,
        "loose": 2,
        "first_minute": "2026-12-01T06:07Z",
        "last_minute": "2026-12-01T23:07Z",
        "days": 2,
        "types": {
            "ack": 4, "attest": 1, "bind": 4, "campaign": 1, "correct": 1,
            "edition": 2, "erase": 1, "intake": 1, "key": 1, "show": 2,
        },
        "editions": 2,
        "rosters": 1,
        "persons": 2,
        "details": 2,
        "anchors": 2,
        "anchored": 0,
    }  # fmt: skip


def run(*arguments: object, isolated: bool = True) -> subprocess.CompletedProcess[str]:
    flags = ["-I", "-S"] if isolated else []
    command = [sys.executable, *flags, *map(str, arguments)]
    environment = {"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment
    )


def test_the_verdict_is_one_line_with_size_root_days_and_loose_entries(bundle: Any) -> None:
    ran = run(bundle.folder / "verify.py", bundle.folder)
    report = verify(bundle.folder)
    assert (ran.returncode, ran.stdout) == (0, report.line() + "\n")
    for part in (
        "size 18",
        f"root {report.root_b64}",
        "days 2 ",
        "loose 2",
        grouped(report.fingerprint),
    ):
        assert part in ran.stdout  # fmt: skip


def test_a_bad_bundle_gives_exit_1_and_names_the_entry_in_two_languages(bundle: Any) -> None:
    bundle.edit(17, minute="2026-12-01T22:06Z")
    ran = run(bundle.folder / "verify.py", bundle.folder)
    assert ran.returncode == 1
    assert "第 17 条：时间早于前一条" in ran.stdout
    assert "entry 17: is earlier than the one before it" in ran.stdout


def test_a_ledger_without_checkpoints_is_called_unsigned_and_not_ok(bundle: Any) -> None:
    for name in ("checkpoints", "anchors"):
        for path in (bundle.folder / name).iterdir():
            path.unlink()
    line = verify(bundle.folder).line()
    assert "UNSIGNED" in line and "OK" not in line


def test_an_empty_ledger_has_the_root_of_nothing(bundle: Any, judge: Judge) -> None:
    for name in ("checkpoints", "anchors", "editions", "rosters"):
        for path in (bundle.folder / name).iterdir():
            path.unlink()
    bundle.lines = []
    bundle.keys = bundle.keys | {"signers": bundle.keys["signers"][:1]}
    (bundle.folder / "disclosures.jsonl").unlink()
    verdict = judge(bundle.folder)
    assert (verdict["size"], verdict["days"]) == (0, 0)
    assert verdict["root_b64"] == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "anchor", ["", "16", "16:", "016:" + "A" * 43 + "=", "16:" + "A" * 44, "x"]
)
def test_an_anchor_of_another_form_is_wrong_usage(anchor: str, bundle: Any) -> None:
    assert run(bundle.folder / "verify.py", bundle.folder, "--anchor", anchor).returncode == 2


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="nowhere"):
        verify(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["keys.json", "checkpoints/8.txt", "anchors"])
def test_a_symbolic_link_is_refused(name: str, bundle: Any, tmp_path: Path) -> None:
    path = bundle.folder / name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError) as caught:
        verify(bundle.folder)
    assert caught.value.code == "not_plain"


def test_the_shipped_verifier_imports_nothing_but_the_standard_library() -> None:
    names = set()
    for node in ast.walk(ast.parse(SOURCE.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {one.name.split(".")[0] for one in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names - sys.stdlib_module_names == {"nacl"}, "PyNaCl is used only if it is there"


def test_a_module_dropped_into_the_bundle_is_not_imported(bundle: Any) -> None:
    (bundle.folder / "json.py").write_text("raise SystemExit(0)\n")
    ran = run(bundle.folder / "verify.py", bundle.folder, isolated=False)
    assert ran.returncode == 1
    assert "json.py" in ran.stdout


def test_the_bundle_holds_what_the_page_lists(good_folder: Path) -> None:
    assert {path.name for path in good_folder.iterdir()} == {
        "entries.jsonl", "checkpoints", "editions", "rosters", "keys.json", "disclosures.jsonl",
        "anchors", "verify.py", "verify.html", "README.txt",
    }  # fmt: skip
    assert (good_folder / "verify.py").read_bytes() == SOURCE.read_bytes()


def test_the_readme_says_what_the_record_is_not_for(good_folder: Path) -> None:
    text = (good_folder / "README.txt").read_text("utf-8")
    assert "不得用于工资、罚款、考勤或辞退评分" in text
    assert "never for pay, fines, attendance or dismissal scores" in text


def test_what_was_written_is_read_back(good_folder: Path, good_parts: dict[str, Any]) -> None:
    assert list(read_entries(good_folder)) == [parse_entry(one) for one in good_parts["entries"]]
    assert [note.checkpoint.size for note in read_checkpoints(good_folder)] == [8, 11, 16]


def test_a_bundle_is_written_into_an_empty_folder(
    good_parts: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    assert write_bundle(tmp_path / "out", **good_parts).size == 18
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_in_use_is_refused_and_left_alone(
    good_parts: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(EvidenceError, match="not an empty folder"):
        write_bundle(tmp_path, **good_parts)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_ledger_that_does_not_verify_is_not_written(
    good_parts: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(BundleError):
        write_bundle(tmp_path / "out", **(good_parts | {"entries": good_parts["entries"][:-3]}))
    assert list(tmp_path.iterdir()) == []


def test_a_person_who_is_nowhere_in_the_ledger_is_not_opened(
    good_parts: dict[str, Any], tmp_path: Path
) -> None:
    stray = DetailOpened(seq=5, salt=bytes(32), msgid="", via=Via.LINK, wording="")
    with pytest.raises(BundleError, match="no detail"):
        write_bundle(tmp_path / "out", **(good_parts | {"disclosures": [stray]}))


def test_an_edition_given_twice_is_refused(good_parts: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="twice"):
        write_bundle(tmp_path / "out", **(good_parts | {"editions": good_parts["editions"] * 2}))


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "/x"])
def test_an_anchor_that_would_land_elsewhere_is_refused(
    name: str, good_parts: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(EvidenceError, match="plain file name"):
        write_bundle(tmp_path / "out", **(good_parts | {"anchors": [(name, b"")]}))


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("part", ["entries", "checkpoints", "editions", "rosters"])
def test_a_kill_in_the_middle_leaves_nothing_under_the_asked_name(
    part: str, good_parts: dict[str, Any], tmp_path: Path
) -> None:
    def dying() -> Iterator[bytes]:
        yield good_parts[part][0]
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        write_bundle(tmp_path / "out", **(good_parts | {part: dying()}))
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert not (tmp_path / "out").exists()


def test_the_shipped_verifier_has_no_syntax_younger_than_python_3_9() -> None:
    ast.parse(SOURCE.read_text("utf-8"), feature_version=(3, 9))


@pytest.mark.slow
@pytest.mark.parametrize("flags", [["-I"], ["-I", "-S"]], ids=["PyNaCl if there", "plain Python"])
def test_two_hundred_thousand_entries_and_365_checkpoints_take_under_ten_seconds(
    flags: list[str], year_bundle: Path
) -> None:
    begun = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, *flags, SOURCE, year_bundle, "--strict"], capture_output=True, check=True
    )
    assert b"size 200000 " in ran.stdout
    assert time.perf_counter() - begun < 10


@pytest.fixture(scope="module")
def year_bundle(good_parts: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of a large school: 200,000 answers to one lesson, a checkpoint a day."""
    size, days = 200_000, 365
    lines, notes, frontier, prev = list(good_parts["entries"][:2]), [], Frontier(), None
    form = json.loads(good_parts["entries"][7])
    start = datetime(2026, 12, 2, tzinfo=UTC)
    for seq in range(size):
        minute = start + timedelta(minutes=seq * days * 1440 // size)
        if seq >= 2:
            form |= {"seq": seq, "minute": f"{minute:%Y-%m-%dT%H:%MZ}"}
            lines.append(json.dumps(form, separators=(",", ":"), sort_keys=True).encode())
        frontier.append(leaf_hash(lines[-1] if seq >= 2 else lines[seq]))
        if (seq + 1) * days // size > seq * days // size:
            head = TreeHead(size=seq + 1, root=frontier.root())
            note = Checkpoint(
                log=form["log"], size=seq + 1, root=head.root, minute=minute, prev=prev
            )
            notes.append(sign_checkpoint(note, name="one", seed=bytes(32)))
            prev = head
    signer = KnownSigner(from_seq=0, name="one", pub=public_key(bytes(32)))
    folder = tmp_path_factory.mktemp("year") / "bundle"
    parts = {"editions": good_parts["editions"], "rosters": []}
    book = KeyBook(origin=form["log"], signers=[signer])
    write_bundle(folder, entries=lines, checkpoints=notes, keys=book, **parts)
    return folder
