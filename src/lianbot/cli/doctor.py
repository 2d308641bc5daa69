"""`lianbot doctor`: everything that can be wrong, each with the mend."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lianbot.bootstrap import (
    House,
    NotReadyError,
    content_directory,
    derive_key,
    listed,
    open_house,
    real_platforms,
)
from lianbot.channels.official import OfficialChannel
from lianbot.cli.edge import AsJson, Exit, run, say, say_json
from lianbot.cli.pilot import walk_phones
from lianbot.curriculum import Severity
from lianbot.curriculum import check as check_content
from lianbot.domain.calendar import local
from lianbot.domain.errors import LianbotError
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.domain.ways import Way
from lianbot.flows.duties import is_above
from lianbot.phrases.alerts import MISSED_KIND
from lianbot.ports.channel import Channel, CodeRejectedError, PlatformSilentError
from lianbot.ports.desk import AlertSeen
from lianbot.settings import Settings, load_settings
from lianbot.storage.desk import DeskReading
from lianbot.timetable.clocks import open_clock

WECOM_NEEDS = ("secret", "token", "aes_key")
MOST_ALERTS = 10
OFFICIAL_NEEDS = ("secret", "token")
CREDENTIALS = {
    ChannelKind.WECOM: (
        "企业微信密钥和可信 IP",
        "核对 LIANBOT_WECOM_CORP_ID、LIANBOT_WECOM_SECRET，和后台的企业可信 IP",
    ),
    ChannelKind.OFFICIAL: (
        "服务号密钥",
        "核对 LIANBOT_OFFICIAL_APPID、LIANBOT_OFFICIAL_SECRET，和后台的 IP 白名单",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; `mend` is empty when it is well."""

    what: str
    mend: str = ""


def doctor(
    as_json: AsJson = False,
    pilot: Annotated[
        bool,
        typer.Option("--pilot", help="用真手机试走：绑定、收推送、点一下、打字回，记成一个文件"),
    ] = False,
    phone: Annotated[
        list[str] | None, typer.Option(help="试走的工号，写三次（只和 --pilot 一起）")
    ] = None,
    wait: Annotated[int, typer.Option(min=1, max=120, help="每一步最多等几分钟")] = 10,
    out: Annotated[Path, typer.Option(help="试走的记录存成哪个文件")] = Path("pilot.json"),
) -> None:
    """逐项检查设置、数据库、内容、时钟、企业微信和服务号，说清哪一项要怎么改；--pilot 用三部真手机试走一遍。"""
    if pilot:
        walk_phones(phone or [], wait, out)
        return
    findings = run(_all())
    if as_json:
        say_json([{"what": one.what, "ok": not one.mend, "mend": one.mend} for one in findings])
    else:
        for one in findings:
            say(f"{'✗' if one.mend else '✓'} {one.what}{'：' + one.mend if one.mend else ''}")
    if any(one.mend for one in findings):
        raise typer.Exit(Exit.PROBLEMS)


async def _all() -> list[Finding]:
    settings = load_settings()
    return [finding async for finding in _look(settings)]


async def _look(settings: Settings) -> AsyncIterator[Finding]:
    yield _key(settings)
    yield _addresses(settings)
    yield _content(settings)
    yield _channel_settings(settings)
    if settings.wecom_corp_id:
        yield account_cap(settings)
    try:
        async with open_house(settings) as house:
            yield Finding(what="数据库")
            stored, rows = await house.statistics.stored(), await house.statistics.recompute()
            agree = stored == rows and not await house.statistics.wrong_sums()
            yield Finding(
                what="计数与明细", mend="" if agree else "不一致，请运行 lianbot db check"
            )
            for kind, channel in house.channels.items():
                yield await _credentials(kind, channel)
                if isinstance(channel, OfficialChannel) and settings.official_template_id:
                    yield await _template(house, channel)
            accounts = await house.accounts.all()
            yield _accounts(len(accounts))
            for finding in open_alerts(await DeskReading(house.database, house.clock).alerts()):
                yield finding
            if settings.door_dir is not None:
                yield letterbox(settings, accounts)
    except (NotReadyError, LianbotError) as error:
        yield Finding(what="数据库", mend=str(error))


def account_cap(settings: Settings) -> Finding:
    """Without the cap nothing is counted beforehand: the platform refuses in the middle of a push."""
    what = "企业微信一天能推多少"
    if settings.wecom_accounts:
        return Finding(what=what)
    return Finding(
        what=what,
        mend="LIANBOT_WECOM_ACCOUNTS 没有写：企业微信一天只让一个应用推“账号上限 × 200”人次，不知道上限就不能先数着发，"
        "用完了平台才拒收，要等六小时再试；在企业微信管理后台查到企业的账号上限（不是在册人数），写成这个数",
    )


def open_alerts(alerts: Sequence[AlertSeen]) -> Sequence[Finding]:
    """What staff were told and nobody has dealt with yet, missed pushes first; each says its own mend."""
    shown = sorted(alerts, key=lambda one: not one.kind.startswith(f"{MISSED_KIND}:"))
    found = [
        Finding(
            what=f"提醒 {local(one.last_at):%Y-%m-%d %H:%M}",
            mend=f"{one.detail}（{one.times} 次；办好后在控制台“设置与健康”里关掉）",
        )
        for one in shown[:MOST_ALERTS]
    ]
    if more := len(alerts) - len(found):
        found.append(Finding(what="提醒", mend=f"还有 {more} 条没关的，请看控制台“设置与健康”"))
    return found


def letterbox(settings: Settings, accounts: Sequence[Account]) -> Finding:
    """Whether somebody fetches the letters, and somebody above is told when nobody does."""
    what = "意见箱的人"
    if not any(one.may(Role.OFFICER) for one in accounts):
        return Finding(what=what, mend="没有纪检委员的账号，信没有人取：在控制台“账号”里建一个")
    named = listed(settings.superior_accounts)
    if unknown := sorted(named - {one.name for one in accounts}):
        return Finding(
            what=what, mend=f"LIANBOT_SUPERIOR_ACCOUNTS 里的 {unknown[0]} 不是在用的账号"
        )
    if not any(is_above(one, named) for one in accounts):
        return Finding(
            what=what,
            mend="没有不兼纪检委员的审核人，信没人取时没人知道：写 LIANBOT_SUPERIOR_ACCOUNTS",
        )
    return Finding(what=what)


def _key(settings: Settings) -> Finding:
    try:
        derive_key(settings, "doctor")
    except LianbotError as error:
        return Finding(what="密钥", mend=str(error))
    return Finding(what="密钥")


def _addresses(settings: Settings) -> Finding:
    if not settings.public_url:
        return Finding(what="对外地址", mend="LIANBOT_PUBLIC_URL 没有写，手机上打不开页面")
    if real_platforms(settings) and not settings.public_url.startswith("https://"):
        return Finding(what="对外地址", mend="LIANBOT_PUBLIC_URL 要用 https://，微信才肯打开")
    return Finding(what="对外地址")


def _content(settings: Settings) -> Finding:
    try:
        today = local(open_clock(settings.clock).now()).date()
        findings = check_content(content_directory(settings), today=today)
    except LianbotError as error:
        return Finding(what="内容", mend=str(error))
    errors = [one for one in findings if one.severity is Severity.ERROR]
    return Finding(what="内容", mend=f"{len(errors)} 处错误，第一处 {errors[0]}" if errors else "")


def _channel_settings(settings: Settings) -> Finding:
    """Each channel is set up whole or not at all; a plain-mode official account needs no key."""
    if not settings.wecom_corp_id and not settings.official_appid:
        return Finding(
            what="渠道设置",
            mend="LIANBOT_WECOM_CORP_ID 没有写，LIANBOT_OFFICIAL_APPID 也没有写，推不出去",
        )
    needed = [f"wecom_{name}" for name in WECOM_NEEDS] if settings.wecom_corp_id else []
    if settings.official_appid:
        needed += [f"official_{name}" for name in OFFICIAL_NEEDS]
    for name in needed:
        if not getattr(settings, name).get_secret_value():
            return Finding(what="渠道设置", mend=f"LIANBOT_{name.upper()} 没有写")
    return Finding(what="渠道设置")


async def _credentials(kind: ChannelKind, channel: Channel) -> Finding:
    """A made-up OAuth code: the platform refuses the code only after it has accepted secret and address."""
    what, mend = CREDENTIALS[kind]
    try:
        await channel.identify("doctor")
    except CodeRejectedError:
        return Finding(what=what)
    except PlatformSilentError as error:
        return Finding(what=what, mend=f"平台不认（{error}）：{mend}")
    return Finding(what=what)


async def _template(house: House, channel: OfficialChannel) -> Finding:
    """The list of templates needs the right to them, the token and the allow-listed address at once.

    A way that a refusal had shut is open again when nothing is wrong any more.
    """
    what, problem = "服务号模板消息", await channel.check_template()
    if problem:
        return Finding(
            what=what,
            mend=f"发不了（{problem}）：要认证的服务号，核对 LIANBOT_OFFICIAL_TEMPLATE_ID 和后台的 IP 白名单；"
            "在那之前改走客服消息或等本人下次来",
        )
    await house.ways.open(Way.TEMPLATE)
    return Finding(what=what)


def _accounts(count: int) -> Finding:
    if count < 2:
        return Finding(what="账号", mend="至少要两个账号：写的人和批的人不能是同一个")
    return Finding(what="账号")
