"""The officer's command line, from key to answer, as a script would drive it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lianbot.cli.officer import app
from lianbot.door.keeper import open_keeper
from lianbot.sealing.recipients import read_recipients
from lianbot.sealing.reporter import Reporter


def run(*words: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def test_two_offices_open_answer_and_close_a_concern(tmp_path: Path, house: Any) -> None:
    keys = {}
    for office, name in (("hq", "后勤纪检委员"), ("jw", "校纪委")):
        key, words = tmp_path / f"{office}.key", tmp_path / f"{office}.pass"
        run("keygen", "--office", office, "--name", name, "--out", key, "--passphrase-out", words)
        keys[office] = ("--key", key, "--passphrase-file", words)
        assert key.stat().st_mode & 0o77 == 0
    listed = tmp_path / "new" / "recipients.json"
    listed.parent.mkdir()
    public = [("--public", tmp_path / f"{office}.public.json") for office in ("hq", "jw")]
    run(
        "recipients",
        *keys["jw"],
        "--out",
        listed,
        "--log",
        "lianbot/0123456789abcdef",
        *public[0],
        *public[1],
    )
    recipients = read_recipients(listed.read_text())

    from lianbot.door.clock import open_clock, school_day

    clock = open_clock("system")
    keeper = open_keeper(listed.parent, clock, lambda: 0.0)

    def post(path: str, body: bytes) -> bytes:
        return keeper.exchange(body, bytes.fromhex(path.rpartition("=")[2]))

    reporter = Reporter(recipients=recipients, day=school_day(clock), post=post)
    reporter.file("食堂有人收回扣", category="gift")
    keeper.flush()
    sealed = listed.parent / "out" / "sealed.bin"

    opened = json.loads(run("open", sealed, *keys["hq"], "--json").output)
    case = opened["new"][0]
    assert opened["cases"][0]["letters"][0]["text"] == "食堂有人收回扣"
    run("reply", case, *keys["hq"], "--text", "收到了，在查", "--to", "investigating", "--json")
    run("advance", case, *keys["hq"], "--to", "feedback")
    run("advance", case, *keys["hq"], "--to", "closed", code=1)
    made, said = tmp_path / "made.key", tmp_path / "made.pass"
    run("keygen", "--office", "jw", "--name", "x", "--out", made, "--passphrase-out", said)
    closing = ("advance", case, *keys["hq"], "--to", "closed")
    named = ("--recipients", listed)
    own = ("--second-key", made, "--second-passphrase-file", said)
    assert "自己做的不算" in run(*closing, *own, *named, code=1).output
    second = ("--second-key", keys["jw"][1], "--second-passphrase-file", keys["jw"][3])
    assert "没有 recipients.json" in run(*closing, *second, code=3).output
    forged = tmp_path / "forged.json"
    forged.write_text(listed.read_text().replace("后勤纪检委员", "后勤纪检委"))
    assert "signature" in run(*closing, *second, "--recipients", forged, code=3).output
    second = (*second, *named)
    run("reply", case, *keys["hq"], "--text", "已处理", "--to", "closed", *second)
    from lianbot.officer.desk import open_desk

    desk = open_desk(keys["hq"][1], keys["hq"][3].read_text(), school_day(clock))
    jw = recipients.offices[1].officer
    record = [json.loads(entry.line)["act"] for entry in desk.book().audit]
    # whoever reads the record can look the second key up in the published list
    assert record[-1] == f"reply state closed second jw {jw}"
    run(
        "pack",
        *keys["hq"],
        "--recipients",
        listed,
        "--out",
        listed.parent / "in" / "hq.pack",
        "--release",
        "收货改为双人",
    )
    keeper.flush()

    assert [one["state"] for one in reporter.replies()] == ["passed", "done"]
    run("handon", case, *keys["hq"], "--out", tmp_path / "x.pdf")
    run("export", case, *keys["hq"], "--out", tmp_path / "x.zip")
    run(
        "poster",
        "--out",
        tmp_path / "p.pdf",
        "--url",
        "https://h.example/m/",
        "--recipients",
        listed,
    )
    said = json.loads(run("attest", *keys["hq"], "--recipients", listed).output)
    assert set(said) == {"officer", "week", "sig"}
    table = run("cases", *keys["hq"]).output
    assert case in table
    shown = run("cases", *keys["hq"], "--show", case).output
    assert "食堂有人收回扣" in shown
    assert "水印" in shown


def test_a_wrong_passphrase_ends_with_three_and_one_line(tmp_path: Path) -> None:
    key, words = tmp_path / "k.key", tmp_path / "w"
    run("keygen", "--office", "hq", "--name", "x", "--out", key)
    words.write_text("ka bo ti lu se mi")
    result = run("cases", "--key", key, "--passphrase-file", words, code=3)
    assert "口令不对" in result.output


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    key = tmp_path / "k.key"
    run("keygen", "--office", "hq", "--name", "x", "--out", key)
    run("keygen", "--office", "hq", "--name", "x", "--out", key, code=3)


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[" * 50_000, b"[]", b"{}"])
def test_a_broken_key_book_or_list_ends_with_one_line(tmp_path: Path, raw: bytes) -> None:
    key, words, broken = tmp_path / "k.key", tmp_path / "w", tmp_path / "broken"
    made = ("keygen", "--office", "hq", "--name", "x", "--out", key, "--passphrase-out", words)
    run(*made)
    broken.write_bytes(raw)
    known = ("--key", key, "--passphrase-file", words)
    log = ("--log", "lianbot/0123456789abcdef", "--out", tmp_path / "r.json")
    results = [
        run("cases", "--key", broken, "--passphrase-file", words, code=3),
        run("cases", *known, "--book", broken, code=3 if raw[0] == 0xFF else 1),
        run("attest", *known, "--recipients", broken, code=3),
        run("recipients", *known, "--public", broken, *log, code=3),
    ]
    for result in results:
        assert "错误：" in result.output
        assert "Traceback" not in result.output


def test_a_quarter_that_is_not_there_cannot_be_destroyed(tmp_path: Path) -> None:
    key, words = tmp_path / "k.key", tmp_path / "w"
    run("keygen", "--office", "hq", "--name", "x", "--out", key, "--passphrase-out", words)
    before = key.read_bytes()
    run("keygen", "--drop", "99", "--out", key, "--passphrase-file", words, code=3)
    assert key.read_bytes() == before
