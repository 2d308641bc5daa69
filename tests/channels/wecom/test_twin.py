"""The WeCom channel against the platforms' stand-in: real HTTP, real signatures, both directions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lianbot.channels.wecom import WeComAccount, WeComChannel
from lianbot.domain.enclosures import EnclosureKind, MediaFile
from lianbot.domain.messages import (
    Accepted,
    CardButton,
    CardUpdate,
    InboundKind,
    InboundMessage,
    MessageForm,
    NoAnswer,
    NotSent,
    OutboundMessage,
    PlatformCall,
    Refused,
    Reply,
    SendAction,
    TextReply,
)
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import CodeRejectedError, ForgedCallError, MalformedCallError
from lianbot.twin import Twin
from lianbot.twin.clock import TwinClock
from lianbot.twin.phones import Channel

PEOPLE = [
    {"id": "WangFang", "name": "王芳", "client": "wecom"},
    {"id": "LiQiang", "name": "李强", "client": "none"},
    {"id": "ZhaoMin", "name": "赵敏", "client": "unlicensed"},
]


class TwinTime:
    """The twin's clock as ours."""

    def __init__(self, twin: Any) -> None:
        self.twin = twin

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.twin.clock.now(), UTC)


@dataclass
class Bot:
    """The least a web entrance does with a channel: hear, answer, note down."""

    channel: WeComChannel | None = None
    heard: list[InboundMessage] = field(default_factory=list)
    reply: Reply = None
    identified: list[str | None] = field(default_factory=list)

    async def callback(self, request: web.Request) -> web.Response:
        assert self.channel is not None
        body = await request.read()
        call = PlatformCall(method=request.method, query=dict(request.query), body=body)
        try:
            if request.method == "GET":
                answer = self.channel.verify_address(call)
            else:
                inbound = self.channel.receive(call)
                self.heard.append(inbound)
                answer = self.channel.answer(call, self.reply, inbound)
        except ForgedCallError:
            return web.Response(status=403)
        except MalformedCallError:
            return web.Response(status=400)
        return web.Response(
            status=answer.status, body=answer.body, content_type=answer.content_type
        )

    async def page(self, request: web.Request) -> web.Response:
        """A page that asks who is there, and tells how often the same code is taken."""
        assert self.channel is not None
        code = request.query.get("code")
        if code is None:
            raise web.HTTPFound(self.channel.authorize_url(str(request.url), "state1"))
        self.identified.append(await self.channel.identify(code))
        try:
            await self.channel.identify(code)
        except CodeRejectedError:
            return web.Response(text="known once")
        return web.Response(text="known twice")


@dataclass
class Stage:
    twin: Any
    bot: Bot
    channel: WeComChannel
    page: str


@pytest.fixture
async def stage(shelf: Any) -> AsyncIterator[Stage]:
    bot = Bot()
    app = web.Application()
    app.router.add_route("*", "/wechat/wecom", bot.callback)
    app.router.add_get("/m/in", bot.page)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    async with (
        Twin.start(host="127.0.0.1", port=0, clock="system", seed=7) as twin,
        aiohttp.ClientSession() as session,
    ):
        account = twin.world.wecom
        account.callback_url = str(server.make_url("/wechat/wecom"))
        twin.add_people(PEOPLE)
        settings = WeComAccount(
            corp_id=account.corp_id,
            agent_id=account.agent_id,
            secret=account.secret,
            token=account.token,
            aes_key=account.aes_key,
            api_base=twin.wecom_base,
        )
        channel = WeComChannel(settings, session=session, shelf=shelf, clock=TwinTime(twin))
        bot.channel = channel
        yield Stage(twin, bot, channel, str(server.make_url("/m/in")))
    await server.close()


LESSON = OutboundMessage(
    channel=ChannelKind.WECOM,
    account="WangFang",
    form=MessageForm.BUTTON_CARD,
    task="d-17",
    title="空白单子，一笔都不签",
    text="收货前别在空白单子上签字。",
    lead="收货前别在空白单子上签字。",
    url="https://lianbot.example.edu.cn/m/i/abc",
    buttons=(CardButton(key="ack", label="看懂了"), CardButton(key="unclear", label="没看懂")),
)


async def deliver(stage: Stage, **changes: Any) -> Any:
    return await stage.channel.send(stage.channel.render(replace(LESSON, **changes)))


async def test_the_platform_accepts_our_address(stage: Stage) -> None:
    verdict = await stage.twin.pushes.verify(Channel.WECOM)
    assert (verdict["ok"], verdict["error"]) == (True, "")


WRITTEN = sorted(set(MessageForm) - {MessageForm.IMAGE, MessageForm.VOICE})
VOICE = MediaFile(
    kind=EnclosureKind.VOICE, name="a.amr", sha256="a" * 64, data=b"#!AMR\n" + b"\x04" * 60
)
PICTURE = MediaFile(
    kind=EnclosureKind.IMAGE, name="a.jpg", sha256="b" * 64, data=b"\xff\xd8\xff" + b"\x00" * 60
)


@pytest.mark.parametrize("form", WRITTEN)
async def test_every_form_arrives_on_the_phone(stage: Stage, form: MessageForm) -> None:
    outcome = await deliver(stage, form=form, picture="https://lianbot.example.edu.cn/p.jpg")
    (bubble,) = stage.twin.received("WangFang")
    assert isinstance(outcome, Accepted)
    assert outcome.platform_id == bubble.msgid
    assert bool(outcome.reply_code) == (form is MessageForm.BUTTON_CARD)


@pytest.mark.parametrize("file", [VOICE, PICTURE], ids=["voice", "image"])
async def test_one_upload_reaches_many_phones_and_each_has_its_outcome(
    stage: Stage, file: MediaFile
) -> None:
    stage.twin.add_people([{"id": "SunLi", "name": "孙丽"}])
    outcomes = await stage.channel.enclose(file, ["WangFang", "LiQiang", "ZhaoMin", "SunLi"])
    actions = [getattr(one, "action", "accepted") for one in outcomes.values()]
    assert actions == ["accepted", SendAction.RECIPIENT, SendAction.LICENSE, "accepted"]
    kinds = [each.kind for phone in ("WangFang", "SunLi") for each in stage.twin.received(phone)]
    assert kinds == [file.kind.value] * 2
    assert len(stage.twin.world.media) == 1


async def test_a_file_is_uploaded_once_and_again_before_the_platform_forgets_it(
    stage: Stage, tmp_path: Path
) -> None:
    stage.twin.world.clock = TwinClock(f"file:{tmp_path / 'clock'}")
    outcome = (await stage.channel.enclose(VOICE, ["WangFang"]))["WangFang"]
    stage.twin.clock.move(3600)
    await stage.channel.enclose(VOICE, ["WangFang"])
    assert (type(outcome), len(stage.twin.world.media)) == (Accepted, 1)
    stage.twin.clock.move(2.8 * 86_400)
    outcome = (await stage.channel.enclose(VOICE, ["WangFang"]))["WangFang"]
    assert (type(outcome), len(stage.twin.world.media)) == (Accepted, 2)


async def test_an_upload_that_the_platform_forgot_is_made_again_once(stage: Stage) -> None:
    await stage.channel.enclose(VOICE, ["WangFang"])
    stage.twin.world.media.clear()
    stage.twin.world.duplicates.answers.clear()
    outcomes = await stage.channel.enclose(VOICE, ["WangFang"])
    assert isinstance(outcomes["WangFang"], Accepted)
    assert len(stage.twin.received("WangFang")) == 2


@pytest.mark.parametrize("kind", ["5xx", "html200", "empty", "reset", "drop_before"])
async def test_without_an_upload_nothing_was_sent(stage: Stage, kind: str) -> None:
    stage.twin.faults.add(kind, "*/media/upload")
    outcomes = await stage.channel.enclose(VOICE, ["WangFang"])
    assert isinstance(outcomes["WangFang"], NotSent)
    assert stage.twin.received("WangFang") == []


async def test_a_voice_that_is_none_is_refused_with_the_platforms_word(stage: Stage) -> None:
    wrong = MediaFile(
        kind=EnclosureKind.VOICE, name="a.amr", sha256="c" * 64, data=b"ID3" + b"\x00" * 60
    )
    outcome = (await stage.channel.enclose(wrong, ["WangFang"]))["WangFang"]
    assert isinstance(outcome, Refused)
    assert outcome.errcode == 301017


async def test_a_card_is_greyed_by_a_call_once(stage: Stage) -> None:
    outcome = await deliver(stage)
    assert isinstance(outcome, Accepted)
    greyed = await stage.channel.update_card("WangFang", outcome.reply_code, "已确认")
    (bubble,) = stage.twin.received("WangFang")
    assert (type(greyed), bubble.replaced) == (Accepted, "已确认")
    again = await stage.channel.update_card("WangFang", outcome.reply_code, "别的")
    assert isinstance(again, Refused)
    assert (again.action, bubble.replaced) == (SendAction.PAYLOAD, "已确认")


@pytest.mark.parametrize(
    ("account", "errcode", "action"),
    [
        ("LiQiang", 81013, SendAction.RECIPIENT),
        ("ZhaoMin", 701008, SendAction.LICENSE),
    ],
)
async def test_who_cannot_be_reached_is_refused_with_the_reason(
    stage: Stage, account: str, errcode: int, action: SendAction
) -> None:
    outcome = await deliver(stage, account=account, form=MessageForm.TEXT)
    assert isinstance(outcome, Refused)
    assert (outcome.errcode, outcome.action) == (errcode, action)


async def test_one_call_to_many_says_what_came_of_each(stage: Stage) -> None:
    text = replace(LESSON, form=MessageForm.TEXT)
    accounts = ["WangFang", "LiQiang", "ZhaoMin"]
    body = stage.channel.render_for(text, accounts)
    first, second, third = await stage.channel.send_to(body, accounts)
    assert isinstance(first, Accepted)
    assert isinstance(second, Refused)
    assert isinstance(third, Refused)
    assert (second.errcode, third.errcode) == (81013, 701008)
    again = await stage.channel.send_to(body, accounts)
    assert list(again) == [first, second, third]
    assert len(stage.twin.received("WangFang")) == 1


async def test_a_tap_greys_the_button(stage: Stage) -> None:
    stage.bot.reply = CardUpdate(label="已确认")
    await deliver(stage)
    (bubble,) = stage.twin.received("WangFang")
    pushed = await stage.twin.tap("WangFang", bubble.id, "ack")
    assert (pushed.ok, pushed.attempts, pushed.note) == (True, 1, "")
    assert bubble.replaced == "已确认"
    (heard,) = stage.bot.heard
    assert (heard.kind, heard.account, heard.key, heard.task) == (
        InboundKind.CARD_TAP,
        "WangFang",
        "ack",
        "d-17",
    )
    assert heard.reply_code


async def test_a_typed_word_is_answered_in_the_same_call(stage: Stage) -> None:
    stage.bot.reply = TextReply(text="看不懂？ ]]> 回“找人讲” <1>")
    pushed = await stage.twin.type_text("WangFang", "帮助]]>")
    assert pushed.ok
    assert [heard.text for heard in stage.bot.heard] == ["帮助]]>"]
    (bubble,) = stage.twin.received("WangFang")
    assert bubble.content["text"] == {"content": "看不懂？ ]]> 回“找人讲” <1>"}


async def test_no_reply_is_taken_as_no_reply(stage: Stage) -> None:
    pushed = await stage.twin.type_text("WangFang", "帮助")
    assert (pushed.ok, pushed.attempts) == (True, 1)
    assert stage.twin.received("WangFang") == []


async def test_entering_the_app_leaves_nothing(stage: Stage) -> None:
    await stage.twin.enter("WangFang")
    (heard,) = stage.bot.heard
    assert (heard.kind, heard.account, heard.repeat_key) == (InboundKind.DROPPED, "", "")


async def test_a_platform_with_another_token_is_not_believed(stage: Stage) -> None:
    stage.twin.world.wecom.token = "anotherToken"
    stage.twin.world.switches.callback_retries = 0
    pushed = await stage.twin.type_text("WangFang", "帮助")
    assert (pushed.ok, pushed.status, stage.bot.heard) == (False, 403, [])


async def test_a_repeated_push_has_the_same_key(stage: Stage) -> None:
    stage.twin.faults.add("duplicate_callback", "/callback/wecom")
    await stage.twin.type_text("WangFang", "帮助")
    keys = [heard.repeat_key for heard in stage.bot.heard]
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_a_lost_answer_is_resolved_by_the_same_bytes(stage: Stage) -> None:
    stage.twin.faults.add("drop_after_accept", "*/message/send", count=1)
    body = stage.channel.render(LESSON)
    assert isinstance(await stage.channel.send(body), NoAnswer)
    outcome = await stage.channel.send(body)
    (bubble,) = stage.twin.received("WangFang")
    assert isinstance(outcome, Accepted)
    assert outcome.platform_id == bubble.msgid


async def test_an_expired_token_is_renewed_unseen(stage: Stage) -> None:
    await deliver(stage)
    stage.twin.faults.add("token_expiry", "*/message/send", count=1)
    assert isinstance(await deliver(stage, task="d-18"), Accepted)


@pytest.mark.parametrize("kind", ["5xx", "html200", "empty", "reset"])
async def test_a_fault_after_the_work_leaves_it_open(stage: Stage, kind: str) -> None:
    stage.twin.faults.add(kind, "*/message/send", accepted=True)
    assert isinstance(await deliver(stage), NoAnswer)


async def test_the_phone_page_knows_the_member_once(stage: Stage) -> None:
    visit = await stage.twin.open("WangFang", stage.page)
    assert (visit.status, visit.text) == (200, "known once")
    assert stage.bot.identified == ["WangFang"]


async def test_a_visitor_outside_the_corp_is_nobody(stage: Stage) -> None:
    await stage.twin.open("LiQiang", stage.page)
    assert stage.bot.identified == [None]
