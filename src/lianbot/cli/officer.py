"""`lianbot officer …`: the officer's tool on the command line, with the same files as officer.html."""

import base64
import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lianbot.door.clock import ClockError, open_clock, school_day
from lianbot.door.settings import DoorSettingsError, read_settings
from lianbot.officer.archive import archive
from lianbot.officer.casework import (
    Case,
    State,
    advance,
    answer,
    deadlines,
)
from lianbot.officer.desk import (
    Desk,
    make_key_files,
    make_recipients,
    officer_page,
    open_desk,
    read_public,
    recipients_beside,
    replace_private,
    text_of,
)
from lianbot.officer.keyfile import KeyFileError, OfficerKeys, new_keys, read_keyfile
from lianbot.officer.mending import propose
from lianbot.officer.outcome import PROBLEM, WRONG_USAGE, honest, stop
from lianbot.officer.papers import Sheet, hand_on_sheet, poster
from lianbot.officer.second import NOBODY, Second, second_of
from lianbot.officer.showing import lines_of, record_of, table_of
from lianbot.officer.weekly import attestation, make_pack, statement_of
from lianbot.sealing.recipients import read_recipients
from lianbot.sealing.weeks import epoch_of, ledger_week, quarter_name

app = typer.Typer(help="纪检委员的离线工具：钥匙、开信、回音、台账。", no_args_is_help=True)

Key = Annotated[Path, typer.Option("--key", help="钥匙文件", exists=True, dir_okay=False)]
Words = Annotated[Path | None, typer.Option("--passphrase-file", help="口令文件；不给就询问")]
BookFile = Annotated[Path | None, typer.Option("--book", help="台账文件；默认在钥匙旁边")]
Listed = Annotated[
    Path | None, typer.Option("--recipients", help="收信人名单 recipients.json；不给就在旁边找")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出一行 JSON")]
Wanted = Annotated[str, typer.Argument(help="件的编号（开头几位即可）")]
Out = Annotated[Path, typer.Option("--out", help="写到哪个文件")]
SecondKey = Annotated[
    Path | None, typer.Option("--second-key", help="名单上另一个办公室的钥匙（办结必须）")
]
SecondWords = Annotated[
    Path | None, typer.Option("--second-passphrase-file", help="另一个人的口令文件")
]


@app.command()
@honest
def keygen(
    out: Out,
    office: Annotated[str, typer.Option("--office", help="办公室代号，如 hq")] = "",
    name: Annotated[str, typer.Option("--name", help="办公室名称，员工会看到")] = "",
    superior: Annotated[bool, typer.Option("--superior", help="上级（领导的事只送上级）")] = False,
    renew: Annotated[bool, typer.Option("--renew", help="给现有钥匙文件加下一季度的钥匙")] = False,
    drop: Annotated[int, typer.Option("--drop", help="销毁某一季度的钥匙（季度号）")] = 0,
    passphrase_file: Words = None,
    passphrase_out: Annotated[Path | None, typer.Option(help="把新口令写进文件")] = None,
    as_json: AsJson = False,
) -> None:
    """生成钥匙文件和公开文件；口令由工具造，只显示一次。"""
    today = _today()
    if renew or drop:
        words = _words(passphrase_file)
        keys = open_desk(out, words, today).keys
        if drop and drop not in keys.epochs:
            held = "、".join(f"{epoch}（{quarter_name(epoch)}）" for epoch in sorted(keys.epochs))
            raise KeyFileError(f"--drop：没有季度号 {drop} 的钥匙，有 {held}")
        keys = (
            keys.without_epoch(drop)
            if drop
            else keys.with_epoch(max(keys.epochs, default=epoch_of(today) - 1) + 1)
        )
        make_key_files(keys, out, words)
    else:
        if not office or not name:
            raise typer.BadParameter("新钥匙要有 --office 和 --name")
        if out.exists():
            raise KeyFileError(f"{out} 已存在；换个名字，或用 --renew 加下一季度")
        keys = new_keys(office, name, epoch_of(today), superior=superior)
        given = _words(passphrase_file) if passphrase_file else None
        words = make_key_files(keys, out, given)
        if passphrase_out:
            replace_private(passphrase_out, words + "\n")
    quarters = [quarter_name(epoch) for epoch in sorted(keys.epochs)]
    made = {"key": str(out), "public": str(out.with_suffix(".public.json")), "quarters": quarters}
    if as_json:
        typer.echo(json.dumps(made, ensure_ascii=False))
        return
    typer.echo(f"钥匙文件：{made['key']}\n公开文件：{made['public']}\n季度：{'、'.join(quarters)}")
    if not renew and not drop and not passphrase_out and not passphrase_file:
        typer.echo(f"口令（抄在纸上，只显示这一次）：\n{words}")


@app.command("recipients")
@honest
def recipients_command(
    key: Key,
    out: Out,
    public: Annotated[list[Path], typer.Option("--public", help="各办公室的公开文件，顺序不要变")],
    log: Annotated[str, typer.Option("--log", help="确认账名 lianbot/<16 位十六进制>")] = "",
    passphrase_file: Words = None,
) -> None:
    """签一份收信人名单；已有名单时沿用它的盐和序号。"""
    desk = _desk(key, passphrase_file, None)
    offices = tuple(read_public(path) for path in public)
    raw = make_recipients(desk.keys, offices, log, desk.today, out)
    out.write_text(raw, encoding="utf-8")
    typer.echo(f"收信人名单：{out}\n指纹（印在海报上）：{read_recipients(raw).fingerprint}")


@app.command("open")
@honest
def open_command(
    sealed: Annotated[Path, typer.Argument(help="取来的 sealed.bin", exists=True)],
    key: Key,
    passphrase_file: Words = None,
    book: BookFile = None,
    recipients: Listed = None,
    as_json: AsJson = False,
) -> None:
    """打开取来的信，记进台账；假信和别人的信不出声。"""
    desk = _desk(key, passphrase_file, book)
    harvest = desk.open(sealed, recipients_beside(sealed, recipients))
    wanted = (*harvest.new, *harvest.grown)
    cases = [harvest.book.case(one) for one in wanted]
    if as_json:
        shown = [record_of(case, desk.today) for case in cases]
        answer_ = {"new": list(harvest.new), "grown": list(harvest.grown), "cases": shown}
        typer.echo(json.dumps(answer_, ensure_ascii=False))
        return
    typer.echo(
        f"新件 {len(harvest.new)}，补充 {len(harvest.grown)}，已取到 {harvest.book.fetched} 周"
    )
    if not (sealed.parent / "intake.json").exists():
        typer.echo("旁边没有 intake.json：没有记“已取到”哪一周；请把它和 sealed.bin 一起取来")
    for case in cases:
        _lines(case, desk)


@app.command()
@honest
def cases(
    key: Key,
    show: Annotated[str, typer.Option("--show", help="看一件的全文")] = "",
    late: Annotated[bool, typer.Option("--late", help="只看超期的；有就退出码 1")] = False,
    passphrase_file: Words = None,
    book: BookFile = None,
    as_json: AsJson = False,
) -> None:
    """台账：每件的状态和期限。"""
    desk = _desk(key, passphrase_file, book)
    kept = desk.book()
    wanted = [kept.case(show)] if show else list(kept.cases)
    if late:
        wanted = [case for case in wanted if any(one.late for one in deadlines(case, desk.today))]
    if show:
        desk.keep(kept, "show", show)
    if as_json:
        typer.echo(
            json.dumps([record_of(case, desk.today) for case in wanted], ensure_ascii=False)
        )
    elif show:
        _lines(wanted[0], desk)
    else:
        Console().print(table_of(wanted, desk.today))
    if late and wanted:
        raise typer.Exit(PROBLEM)


@app.command()
@honest
def reply(
    case: Wanted,
    key: Key,
    text: Annotated[str, typer.Option("--text", help="给来件人的话")],
    to: Annotated[State | None, typer.Option("--to", help="同时转到这个状态")] = None,
    second_key: SecondKey = None,
    second_passphrase_file: SecondWords = None,
    recipients: Listed = None,
    passphrase_file: Words = None,
    book: BookFile = None,
    as_json: AsJson = False,
) -> None:
    """写一条回音，随下一个周包送出。"""
    desk = _desk(key, passphrase_file, book)
    kept = desk.book()
    one = kept.case(case)
    second = (
        _second(second_key, second_passphrase_file, desk.keys, key, recipients)
        if to is not None
        else NOBODY
    )
    if to is not None:
        one = advance(one, to, day=desk.today, by=desk.keys.office, second=second.office)
    elif one.state is State.RECEIVED:
        one = advance(one, State.ACKED, day=desk.today, by=desk.keys.office)
    one = answer(one, text)
    act = f"reply state {to.value}" if to is not None else "reply"
    desk.keep(kept.with_case(one), f"{act} {second.said}".strip(), one.id)
    _say({"case": one.id, "state": one.state.value, "reply": one.replies[-1].number}, as_json)


@app.command("advance")
@honest
def advance_command(
    case: Wanted,
    to: Annotated[State, typer.Option("--to", help="新状态")],
    key: Key,
    note: Annotated[str, typer.Option("--note", help="台账备注，来件人看不到")] = "",
    second_key: SecondKey = None,
    second_passphrase_file: SecondWords = None,
    recipients: Listed = None,
    passphrase_file: Words = None,
    book: BookFile = None,
    as_json: AsJson = False,
) -> None:
    """改一件的状态；办结要名单上另一个办公室的钥匙。"""
    desk = _desk(key, passphrase_file, book)
    kept = desk.book()
    second = _second(second_key, second_passphrase_file, desk.keys, key, recipients)
    one = advance(
        kept.case(case), to, day=desk.today, by=desk.keys.office, second=second.office, note=note
    )
    desk.keep(kept.with_case(one), f"state {to.value} {second.said}".strip(), one.id)
    _say({"case": one.id, "state": one.state.value}, as_json)


@app.command()
@honest
def pack(
    key: Key,
    out: Out,
    recipients: Annotated[Path, typer.Option("--recipients", help="recipients.json", exists=True)],
    release: Annotated[
        str, typer.Option("--release", help="公告里“改了什么”，用自己的话；给了才公布件数")
    ] = "",
    again: Annotated[bool, typer.Option("--again", help="本周再做一个（有新回音时）")] = False,
    passphrase_file: Words = None,
    book: BookFile = None,
    as_json: AsJson = False,
) -> None:
    """做本周的包（永远 12 个码、8 封信），放进 DOOR_DIR/in/，文件名以 .pack 结尾。"""
    desk = _desk(key, passphrase_file, book)
    kept = desk.book()
    statement = statement_of(kept, release) if release else None
    listed = read_recipients(text_of(recipients))
    packed, raw = make_pack(kept, desk.keys, listed, desk.today, statement=statement, again=again)
    desk.keep(packed, "pack")
    fresh = out.with_name(out.name + ".new")
    fresh.write_text(raw, encoding="ascii")
    fresh.replace(out)
    _say({"pack": str(out), "fetched": packed.fetched}, as_json)


@app.command()
@honest
def attest(
    key: Key,
    recipients: Annotated[Path, typer.Option("--recipients", help="recipients.json", exists=True)],
    passphrase_file: Words = None,
    book: BookFile = None,
) -> None:
    """签“已取到第 W 周，台账已更新”，输出给确认账用的一行 JSON（周包里也有）。"""
    desk = _desk(key, passphrase_file, book)
    listed = read_recipients(text_of(recipients))
    fetched = desk.book().fetched
    signed = base64.b64encode(attestation(desk.keys, listed, fetched)).decode("ascii")
    officer = desk.keys.public.officer
    typer.echo(json.dumps({"officer": officer, "week": ledger_week(fetched), "sig": signed}))


@app.command()
@honest
def handon(
    case: Wanted,
    key: Key,
    out: Out,
    to: Annotated[str, typer.Option("--to", help="接收单位")] = "校纪委",
    passphrase_file: Words = None,
    book: BookFile = None,
) -> None:
    """线索移送单（PDF，带水印）。"""
    desk = _desk(key, passphrase_file, book)
    kept = desk.book()
    sheet = Sheet(officer=desk.keys.name, day=desk.today)
    replace_private(out, hand_on_sheet(kept.case(case), to, sheet))
    desk.keep(kept, "handon", case)
    typer.echo(f"移送单：{out}")


@app.command()
@honest
def export(
    case: Wanted,
    key: Key,
    out: Out,
    media: Annotated[list[Path] | None, typer.Option("--media", help="取来的 media-….bin")] = None,
    second_key: SecondKey = None,
    second_passphrase_file: SecondWords = None,
    recipients: Listed = None,
    passphrase_file: Words = None,
    book: BookFile = None,
) -> None:
    """导出一件归档（zip，带水印）；一次一件，不能成批。"""
    desk = _desk(key, passphrase_file, book)
    kept = desk.book()
    one = kept.case(case)
    photos = desk.photos(media, recipients_beside(media[0], recipients)) if media else {}
    second = _second(second_key, second_passphrase_file, desk.keys, key, recipients)
    replace_private(out, archive(one, photos, desk.keys.office, desk.today))
    desk.keep(kept, f"export {second.said}".strip(), one.id)
    typer.echo(f"归档文件：{out}")


@app.command("propose")
@honest
def propose_command(
    case: Wanted,
    key: Key,
    text: Annotated[str, typer.Option("--text", help="用自己的话写，不抄来件")],
    kind: Annotated[
        str, typer.Option("--kind", help="rectify 整改事项，lesson 课的建议")
    ] = "rectify",
    unit: Annotated[str, typer.Option("--unit", help="点名的单位")] = "",
    people: Annotated[int, typer.Option("--people", help="那个单位有多少人")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", help="写到文件，在控制台“信箱文件”里交上去")
    ] = None,
    passphrase_file: Words = None,
    book: BookFile = None,
) -> None:
    """把意见变成整改或课：同类满 3 件、或打开满 60 天才行。"""
    desk = _desk(key, passphrase_file, book)
    kept = desk.book()
    made = propose(kept, kept.case(case), kind, text, desk.today, unit=unit, people=people)
    desk.keep(kept, f"propose {kind}", case)
    line = json.dumps(made.record(), ensure_ascii=False)
    if out is not None:
        out.write_text(line + "\n", encoding="utf-8")
    typer.echo(line)


@app.command("poster")
@honest
def poster_command(
    out: Out,
    url: Annotated[str, typer.Option("--url", help="首页地址，以 /m/ 结尾")],
    recipients: Annotated[Path, typer.Option("--recipients", help="recipients.json", exists=True)],
    script: Annotated[
        str, typer.Option("--script", help="页面程序的 SHA-256（out/intake.json 里）")
    ] = "",
) -> None:
    """意见箱海报（PDF，二维码和钥匙指纹）。"""
    if not re.fullmatch(r"https?://[^/\s]+/m/", url):
        raise typer.BadParameter("--url：要首页的完整地址，https://主机/m/")
    listed = read_recipients(text_of(recipients))
    out.write_bytes(poster(listed, url, script, Sheet(officer="", day=_today())))
    typer.echo(f"海报：{out}")


@app.command("page")
@honest
def page_command(out: Out) -> None:
    """把离线工具 officer.html 拷出来，并显示它的 SHA-256。"""
    raw = officer_page()
    out.write_bytes(raw)
    typer.echo(f"离线工具：{out}\nSHA-256：{hashlib.sha256(raw).hexdigest()}")


def _desk(key: Path, passphrase_file: Path | None, book: Path | None) -> Desk:
    return open_desk(key, _words(passphrase_file), _today(), book)


def _second(
    key: Path | None,
    passphrase_file: Path | None,
    first: OfficerKeys,
    near: Path,
    listed: Path | None,
) -> Second:
    """The second person proves presence by opening a key file of their own, which the published list names."""
    if key is None:
        return NOBODY
    recipients = recipients_beside(near, listed)
    return second_of(read_keyfile(text_of(key), _words(passphrase_file)), first, recipients)


def _words(file: Path | None) -> str:
    if file is not None:
        return text_of(file)
    return str(typer.prompt("口令", hide_input=True))


def _today() -> date:
    try:
        return school_day(open_clock(read_settings().clock))
    except (ClockError, DoorSettingsError) as wrong:
        stop(wrong, WRONG_USAGE)


def _lines(case: Case, desk: Desk) -> None:
    for line in lines_of(case, f"{desk.keys.name} {desk.today.isoformat()}"):
        typer.echo(line)


def _say(record: dict[str, object], as_json: bool) -> None:
    line = "，".join(f"{name} {value}" for name, value in record.items())
    typer.echo(json.dumps(record, ensure_ascii=False) if as_json else line)
