"""The contract of design §9: every command is there, says what it does, and keeps to four exit codes."""

import asyncio
import fcntl
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fakes.house import START, cast_of
from lianbot.bootstrap import open_house
from lianbot.domain.codes import ItemType, Topic
from lianbot.settings import load_settings
from lianbot.storage.content import Publication
from lianbot.timetable.clocks import move_clock
from lianbot.twin import Twin
from lianbot.twin.accounts import AccountKind

COMMANDS = [
    "demo", "init", "serve", "door serve", "twin serve", "stop-all", "resume-all",
    "db upgrade", "db check", "db seed", "doctor", "roster import", "roster export",
    "content check", "content publish", "content list", "content adopt",
    "campaign term", "campaign create", "campaign list", "campaign show", "campaign forecast",
    "campaign approve", "campaign run", "campaign pause", "campaign resume", "campaign stop",
    "campaign add", "menu push", "menu show", "stats", "ask",
    "ledger checkpoint", "ledger export", "ledger verify",
    "officer keygen", "officer open", "officer reply", "officer cases", "door flush", "door status",
    "backup create", "backup verify", "backup restore",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_is_there_and_explains_itself(lianbot, command):
    said = lianbot(*command.split(), "--help")
    assert said.code == 0, said.err
    assert command in said.out


def test_the_help_names_every_command(lianbot):
    said = lianbot("--help")
    assert all(name.split()[0] in said.out for name in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["stats", "--by", "horoscope"],
        ["campaign", "create"],
        ["campaign", "show", "not-a-number"],
        ["content", "check", "no-such-folder"],
        ["campaign", "create", "--title", "x", "--as", "tuisong", "--at", "morgen"],
        ["campaign", "create", "--title", "x", "--as", "tuisong"],
        ["roster", "import", "f.csv", "--post", "厨师"],
        ["demo", "--once", "--workers", "3"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_2(lianbot, home, arguments):
    (home / "f.csv").write_text("姓名\n")
    assert lianbot(*arguments).code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve"], ["stats"], ["campaign", "list"], ["db", "check"], ["ledger", "checkpoint"],
        ["backup", "create", "b.db"], ["content", "list"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_without_a_database_that_fits_it_says_so(lianbot, arguments):
    said = lianbot(*arguments)
    assert said.code in (1, 3)
    assert "数据库" in said.err + said.out
    assert "Traceback" not in said.err


# --- ok ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["stats", "--json"], ["campaign", "list", "--json"], ["content", "list", "--json"],
        ["ledger", "export", "evidence", "--json"], ["content", "check", "--json"],
        ["stats", "--by", "post", "--json"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_json_is_one_line(lianbot, school, arguments):
    said = lianbot(*arguments)
    assert said.code == 0, said.err
    assert isinstance(said.json, (dict, list))


def test_ask_needs_no_database_and_no_settings(lianbot, home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    for name in ("SECRET_KEY", "CLOCK", "PASSWORD"):
        monkeypatch.delenv(f"LIANBOT_{name}")
    said = lianbot("ask", "供货商塞了两条烟咋办", "--json")
    assert (said.code, said.json["topic"]) == (0, "gift-offer")
    assert set(said.json) >= {"topic", "offered", "score", "why", "answer"}


def test_a_campaign_from_the_command_line_is_pushed_by_nobody_alone(lianbot, school):
    """Created by one account, refused to its author, approved by another, all of it audited."""
    made = lianbot(
        *(
            "campaign",
            "create",
            "--title",
            "第一课",
            "--as",
            "tuisong",
            "--at",
            "2026-12-02T14:07",
        ),
        *("--item", "LSN-COOK-001", "--json"),
    )
    number = made.json["id"]
    refused = lianbot("campaign", "approve", number, "--as", "tuisong")
    assert refused.code == 2
    assert "审核" in refused.err
    assert lianbot("campaign", "approve", number, "--as", "shenhe").code == 0
    shown = lianbot("campaign", "show", number, "--json").json
    assert (shown["id"], shown["state"]) == (number, "approved")
    forecast = lianbot("campaign", "forecast", number, "--json").json
    assert forecast["audience"] == 6
    for act, state in (("pause", "paused"), ("resume", "approved"), ("stop", "stopped")):
        assert lianbot("campaign", act, number, "--as", "tuisong").code == 0
        assert lianbot("campaign", "list", "--json").json[0]["state"] == state


def test_stop_all_and_resume_all(lianbot, school):
    assert lianbot("stop-all", "--as", "tuisong").code == 0
    assert lianbot("resume-all", "--as", "tuisong").code == 0
    assert lianbot("stop-all", "--as", "shenhe").code == 2


def test_the_switch_is_written_down_under_the_consoles_names(lianbot, school):
    lianbot("stop-all", "--as", "tuisong")
    lianbot("resume-all", "--as", "tuisong")
    with closing(sqlite3.connect(school / "lianbot.db")) as database:
        found = database.execute(
            "SELECT action, account_name FROM audit WHERE action LIKE 'switch.%' ORDER BY id"
        ).fetchall()
    assert found == [("switch.stop_all", "tuisong"), ("switch.resume_all", "tuisong")]


@pytest.mark.parametrize("name", ["tuisong", "nobody", ""])
def test_nobody_acts_without_the_right_password(lianbot, school, monkeypatch, name):
    monkeypatch.setenv("LIANBOT_PASSWORD", "wrong")
    assert lianbot("stop-all", "--as", name).code == 2


def test_the_roster_goes_out_and_comes_back_unchanged(lianbot, school):
    assert lianbot("roster", "export", "out.xlsx", "--as", "tuisong").code == 0
    said = lianbot("roster", "import", "out.xlsx", "--dry-run", "--json")
    assert said.code == 0, said.out
    assert (said.json["counts"]["unchanged"], said.json["counts"]["joined"]) == (6, 0)


def test_an_exported_ledger_is_verified_without_a_database(lianbot, school):
    lianbot("ledger", "export", "evidence")
    (school / "lianbot.db").unlink()
    assert lianbot("ledger", "verify", "evidence", "--strict").code == 0


def test_a_changed_entry_is_found_and_is_1(lianbot, school):
    lianbot("ledger", "export", "evidence")
    file = school / "evidence" / "entries.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"LSN", b"LSM").replace(b"QUIZ", b"QUIX")
    file.write_bytes(b"".join(lines))
    said = lianbot("ledger", "verify", "evidence")
    assert said.code == 1
    assert "账被改过" in said.err


def test_a_backup_is_verified_and_brings_everything_back(lianbot, school):
    assert lianbot("backup", "create", "b.db").code == 0
    assert lianbot("backup", "create", "b.db").code == 2
    (school / "lianbot.db").unlink()
    assert lianbot("backup", "restore", "b.db").code == 0
    assert lianbot("roster", "export", "out.xlsx", "--as", "tuisong").code == 0


def test_a_restore_that_finds_the_disk_full_leaves_the_database_as_it_is(
    lianbot, school, monkeypatch
):
    lianbot("backup", "create", "b.db")
    before = (school / "lianbot.db").read_bytes()

    def full(_source: object, fresh: Path) -> None:
        fresh.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("lianbot.storage.backup._copy", full)
    said = lianbot("backup", "restore", "b.db")
    assert said.code == 3
    assert "disk is full" in said.err
    assert (school / "lianbot.db").read_bytes() == before
    assert not [one for one in school.iterdir() if "new" in one.name or "before" in one.name]


def test_a_damaged_backup_is_1_and_restores_nothing(lianbot, school):
    lianbot("backup", "create", "b.db")
    body = bytearray((school / "b.db").read_bytes())
    body[4096 * 3 : 4096 * 8] = b"\x00" * 4096 * 5
    (school / "b.db").write_bytes(body)
    before = (school / "lianbot.db").read_bytes()
    assert lianbot("backup", "verify", "b.db").code == 1
    assert lianbot("backup", "restore", "b.db").code == 1
    assert (school / "lianbot.db").read_bytes() == before


def test_init_writes_settings_key_schema_and_the_first_account(lianbot, home, monkeypatch):
    for name in ("SECRET_KEY", "CLOCK"):
        monkeypatch.delenv(f"LIANBOT_{name}")
    assert lianbot("init").code == 0
    assert {one.name for one in home.iterdir()} >= {"lianbot.toml", "ledger.key", "lianbot.db"}
    assert (home / "lianbot.toml").stat().st_mode & 0o077 == 0
    assert (home / "ledger.key").stat().st_mode & 0o077 == 0
    assert lianbot("db", "check").code == 0
    written = (home / "lianbot.toml").read_bytes()
    assert lianbot("init").code == 3
    assert (home / "lianbot.toml").read_bytes() == written


def test_init_with_a_short_password_writes_nothing(lianbot, home, monkeypatch):
    monkeypatch.setenv("LIANBOT_PASSWORD", "short")
    before = sorted(home.iterdir())
    assert lianbot("init").code == 2
    assert sorted(home.iterdir()) == before


# --- bad input -----------------------------------------------------------------------------------


def test_a_broken_spreadsheet_is_1_and_names_the_file(lianbot, school):
    (school / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    said = lianbot("roster", "import", "broken.xlsx", "--as", "tuisong")
    assert said.code == 1
    assert "broken.xlsx" in said.err


def test_a_roster_with_a_faulty_row_writes_nothing_and_names_the_row(lianbot, school):
    (school / "r.csv").write_text(
        "姓名,工号,公司,班组,校区,岗位\n张三,Z1,禾味餐饮公司,后厨班,东校区,COOK工\n,Z2,禾味餐饮公司,后厨班,东校区,COOK工\n",
        encoding="utf-8-sig",
    )
    said = lianbot("roster", "import", "r.csv", "--as", "tuisong", "--json")
    assert said.code == 1
    assert said.json["written"] is False
    assert 3 in [row["row"] for row in said.json["rows"] if row["verdict"] != "joined"]
    lianbot("roster", "export", "out.xlsx", "--as", "tuisong")
    again = lianbot("roster", "import", "out.xlsx", "--dry-run", "--json")
    assert again.json["counts"]["unchanged"] == 6


def test_a_content_file_with_a_wrong_field_is_1_and_publishes_nothing(
    lianbot, school, small_content, monkeypatch
):
    shutil.copytree(small_content, school / "content")
    file = school / "content" / "lessons" / "LSN-COOK-001.md"
    file.write_text(file.read_text().replace("type: lesson", "type: lesson\nmoood: gay"))
    monkeypatch.setenv("LIANBOT_CONTENT_DIR", str(school / "content"))
    before = lianbot("content", "list", "--json").json
    said = lianbot("content", "check")
    assert said.code == 1
    assert "LSN-COOK-001.md:" in said.out
    published = lianbot("content", "publish", "--as", "tuisong")
    assert published.code == 1
    assert "LSN-COOK-001.md" in published.err
    assert lianbot("content", "list", "--json").json == before


def test_a_busy_port_is_3_and_names_the_setting(lianbot, school, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("LIANBOT_HTTP_PORT", str(taken.getsockname()[1]))
        said = lianbot("serve")
    assert said.code == 3
    assert "LIANBOT_HTTP_PORT" in said.err


@pytest.mark.parametrize("command", ["serve", "stats", "doctor"])
def test_a_database_folder_that_is_missing_is_named(lianbot, monkeypatch, command):
    monkeypatch.setenv("LIANBOT_DATABASE_URL", "sqlite:////no/such/folder/lianbot.db")
    said = lianbot(command)
    assert said.code == (1 if command == "doctor" else 3)
    assert "/no/such/folder" in said.err + said.out
    assert "LIANBOT_DATABASE_URL" in said.err + said.out


@pytest.mark.parametrize("command", [["serve"], ["stats"], ["content", "check"], ["doctor"]])
def test_an_unknown_setting_in_the_file_is_3_and_named(lianbot, home, command):
    (home / "lianbot.toml").write_text('databse_url = "sqlite:///x.db"\n')
    said = lianbot(*command)
    assert said.code == 3
    assert "databse_url" in said.err
    assert "lianbot.toml" in said.err


@pytest.mark.parametrize("command", [["serve"], ["stats"]])
def test_a_broken_settings_file_is_3_and_named(lianbot, home, command):
    (home / "lianbot.toml").write_text("this is = = not toml\n")
    said = lianbot(*command)
    assert said.code == 3
    assert "lianbot.toml" in said.err


@pytest.mark.parametrize("command", [["serve"], ["doctor"]])
def test_a_wrong_value_names_its_variable(lianbot, monkeypatch, command):
    monkeypatch.setenv("LIANBOT_HTTP_PORT", "eighty")
    said = lianbot(*command)
    assert said.code == 3
    assert "LIANBOT_HTTP_PORT" in said.err


def test_a_secret_key_that_is_too_short_is_3_and_named(lianbot, school, monkeypatch):
    monkeypatch.setenv("LIANBOT_SECRET_KEY", "short")
    said = lianbot("serve")
    assert said.code == 3
    assert "LIANBOT_SECRET_KEY" in said.err
    assert "short" not in said.err


def test_a_moved_clock_with_the_real_platform_is_3(lianbot, school, monkeypatch):
    for name, value in {
        "CORP_ID": "ww1", "AGENT_ID": "1", "SECRET": "s" * 20, "TOKEN": "t" * 8, "AES_KEY": "a" * 43,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"LIANBOT_WECOM_{name}", value)
    said = lianbot("serve")
    assert said.code == 3
    assert "LIANBOT_CLOCK" in said.err


def test_links_that_would_lead_nowhere_are_3_before_anything_leaves(lianbot, school, monkeypatch):
    for name, value in {
        "CORP_ID": "ww1", "AGENT_ID": "1", "SECRET": "s" * 20, "TOKEN": "t" * 8, "AES_KEY": "a" * 43,
        "API_BASE": "http://127.0.0.1:9/wecom",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"LIANBOT_WECOM_{name}", value)
    for command in (["serve"], ["campaign", "run"]):
        said = lianbot(*command)
        assert (said.code, "LIANBOT_PUBLIC_URL" in said.err) == (3, True), command


def test_a_clock_file_that_is_missing_is_3_and_named(lianbot, school, monkeypatch):
    monkeypatch.setenv("LIANBOT_CLOCK", "file:/no/such/clock")
    said = lianbot("serve")
    assert said.code == 3
    assert "/no/such/clock" in said.err


def test_two_processes_on_one_sqlite_file_are_refused(lianbot, school):
    with (school / "lianbot.db.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = lianbot("serve")
    assert said.code == 3
    assert "PostgreSQL" in said.err


@pytest.mark.parametrize("only", ["web", "runner"])
def test_half_a_serve_needs_postgresql(lianbot, school, only):
    said = lianbot("serve", "--only", only)
    assert said.code == 2
    assert "needs PostgreSQL" in said.err


def test_an_older_schema_says_the_mend(lianbot, school):
    with closing(sqlite3.connect(school / "lianbot.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    said = lianbot("stats")
    assert said.code == 3
    assert "lianbot db upgrade" in said.err


def test_doctor_says_that_the_account_has_no_right_to_templates(lianbot, school, monkeypatch):
    async def look(kind: AccountKind) -> object:
        move_clock(school / "clock", START)
        async with Twin.start(port=0, clock=f"file:{school / 'clock'}") as twin:
            account = twin.world.official
            account.kind = kind
            account.templates["TPL"] = "学习提醒\n内容：{{thing1.DATA}}"
            for name, value in {
                "APPID": account.appid,
                "SECRET": account.secret,
                "TOKEN": account.token,
                "AES_KEY": account.aes_key,
                "API_BASE": twin.official_base,
                "TEMPLATE_ID": "TPL",
                "TEMPLATE_FIELDS": "thing1={title}",
            }.items():
                monkeypatch.setenv(f"LIANBOT_OFFICIAL_{name}", value)
            return await asyncio.to_thread(lianbot, "doctor", "--json")

    for kind, well in (
        (AccountKind.SUBSCRIPTION_VERIFIED, False),
        (AccountKind.SERVICE_VERIFIED, True),
    ):
        said = asyncio.run(look(kind))
        found = {one["what"]: one for one in said.json}
        assert found["服务号密钥"]["ok"] or not well
        assert found["服务号模板消息"]["ok"] is well
        assert ("48001" in found["服务号模板消息"]["mend"]) is not well


def test_doctor_finds_a_wrong_secret_with_the_platforms_own_words(lianbot, school, monkeypatch):
    """The platform is the twin, which refuses the secret as the real one does."""

    async def look() -> object:
        move_clock(school / "clock", START)
        async with Twin.start(port=0, clock=f"file:{school / 'clock'}") as twin:
            account = twin.world.wecom
            for name, value in {
                "CORP_ID": account.corp_id,
                "AGENT_ID": str(account.agent_id),
                "SECRET": "not-the-secret-of-this-app-000000",
                "TOKEN": account.token,
                "AES_KEY": account.aes_key,
                "API_BASE": twin.wecom_base,
            }.items():
                monkeypatch.setenv(f"LIANBOT_WECOM_{name}", value)
            return await asyncio.to_thread(lianbot, "doctor", "--json")

    said = asyncio.run(look())
    assert said.code == 1
    wrong = {one["what"]: one["mend"] for one in said.json if not one["ok"]}
    assert "LIANBOT_WECOM_SECRET" in wrong["企业微信密钥和可信 IP"]
    assert "invalid credential" in wrong["企业微信密钥和可信 IP"]
    assert "not-the-secret" not in said.out


def test_a_draft_is_named_and_not_published(lianbot, school, small_content, tmp_path, monkeypatch):
    folder = shutil.copytree(small_content, tmp_path / "with-draft")
    lesson = next((folder / "lessons").glob("LSN-COOK-*.md"))
    text = lesson.read_text(encoding="utf-8").replace("status: review", "status: draft")
    lesson.write_text(text.replace("changelog: ", "changelog: 又改了，"), encoding="utf-8")
    monkeypatch.setenv("LIANBOT_CONTENT_DIR", str(folder))
    said = lianbot("content", "publish", "--as", "tuisong", "--json")
    assert (said.code, said.json["drafts"]) == (0, [lesson.stem])
    listed = lianbot("content", "list", "--json").json
    awaiting = [one for one in listed if one["item"] == lesson.stem and one["state"] == "awaiting"]
    assert awaiting == []


LAWFUL = Publication(
    sha256="c" * 64,
    body=b"{}",
    item="LSN-COOK-903",
    type=ItemType.LESSON,
    title="引了法规",
    topic=Topic.TAKE_FOOD,
    meta={"text": "不拿。", "author": "内容编写组", "legal": ["食品安全法 34（2021-04-29 版）"]},
)


def test_all_at_once_approves_nothing_without_the_legal_reviewer(lianbot, school):
    asyncio.run(_publish(LAWFUL))
    refused = lianbot("content", "adopt", "--all", "--as", "shenhe")
    assert refused.code == 1
    assert "LSN-COOK-903" in refused.err
    assert "--legal" in refused.err
    named = lianbot("content", "adopt", "--all", "--legal", "法务处 陈", "--as", "shenhe")
    assert (named.code, named.out) == (0, "批准了 1 条，其中 1 条记了法律审核人。\n")


async def _publish(one: Publication) -> None:
    async with open_house(load_settings(), check_schema=False) as house:
        await house.content.publish([one], (await cast_of(house)).author.id, house.clock.now())
