"""The Official Account channel against the platforms' stand-in, in all three callback modes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lianbot.channels.official import (
    CallbackMode,
    OfficialAccount,
    OfficialChannel,
    TemplateShape,
)
from lianbot.domain.messages import (
    Accepted,
    CardButton,
    InboundKind,
    InboundMessage,
    MessageForm,
    NoAnswer,
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
from lianbot.twin.accounts import Mode
from lianbot.twin.phones import Channel

SHAPE = TemplateShape(
    template_id="tpl-1",
    fields=(("thing1", "{title}"), ("thing2", "{lead}"), ("phrase3", "待阅读")),
)
TEMPLATE_TEXT = "学习提醒\n课程：{{thing1.DATA}}\n内容：{{thing2.DATA}}\n状态：{{phrase3.DATA}}"


class TwinTime:
    """The twin's clock as ours."""

    def __init__(self, twin: Any) -> None:
        self.twin = twin

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.twin.clock.now(), UTC)


@dataclass
class Bot:
    """The least a web entrance does with a channel: hear, answer, note down."""

    channel: OfficialChannel | None = None
    heard: list[InboundMessage] = field(default_factory=list)
    something: asyncio.Event = field(default_factory=asyncio.Event)
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
                self.something.set()
                answer = self.channel.answer(call, self.reply, inbound)
        except ForgedCallError:
            return web.Response(status=403)
        except MalformedCallError:
            return web.Response(status=400)
        return web.Response(
            status=answer.status, body=answer.body, content_type=answer.content_type
        )

    async def page(self, request: web.Request) -> web.Response:
        """A page that asks who is there, and tells whether the same code is taken twice."""
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
    channel: OfficialChannel
    page: str

    @property
    def openid(self) -> str:
        openid: str = self.twin.phone("WangFang").openid
        return openid

    async def deliver(self, **changes: Any) -> Any:
        message = replace(LESSON, account=self.openid, **changes)
        return await self.channel.send(self.channel.render(message))

    def seen(self) -> list[Any]:
        bubbles: list[Any] = self.twin.received("WangFang", "official")
        return bubbles


LESSON = OutboundMessage(
    channel=ChannelKind.OFFICIAL,
    account="",
    form=MessageForm.TEXT,
    task="d-17",
    title="空白单子，一笔都不签",
    text="收货前别在空白单子上签字。",
    lead="收货前别在空白单子上签字，谁让签都不签，签了就说不清。",
    url="https://lianbot.example.edu.cn/m/i/abc",
    buttons=(CardButton(key="ack", label="看懂了"), CardButton(key="unclear", label="没看懂")),
)


@pytest.fixture(params=list(CallbackMode))
async def stage(request: pytest.FixtureRequest, shelf: Any) -> AsyncIterator[Stage]:
    mode: CallbackMode = request.param
    bot = Bot()
    app = web.Application()
    app.router.add_route("*", "/wechat/official", bot.callback)
    app.router.add_get("/m/in", bot.page)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    async with (
        Twin.start(host="127.0.0.1", port=0, clock="system", seed=7) as twin,
        aiohttp.ClientSession() as session,
    ):
        account = twin.world.official
        account.mode = Mode(mode.value)
        account.callback_url = str(server.make_url("/wechat/official"))
        account.templates["tpl-1"] = TEMPLATE_TEXT
        twin.world.switches.template_result_delay = 0.0
        twin.add_people([{"id": "WangFang", "name": "王芳", "followed": True}])
        settings = OfficialAccount(
            appid=account.appid,
            secret=account.secret,
            token=account.token,
            aes_key=account.aes_key,
            mode=mode,
            api_base=twin.official_base,
            template=SHAPE,
        )
        channel = OfficialChannel(settings, session=session, shelf=shelf, clock=TwinTime(twin))
        bot.channel = channel
        yield Stage(twin, bot, channel, str(server.make_url("/m/in")))
    await server.close()


one_mode = pytest.mark.parametrize("stage", [CallbackMode.SAFE], indirect=True)
"""For what does not depend on how pushes are written."""


async def test_the_platform_accepts_our_address(stage: Stage) -> None:
    verdict = await stage.twin.pushes.verify(Channel.OFFICIAL)
    assert (verdict["ok"], verdict["error"]) == (True, "")


async def test_a_typed_word_is_answered_in_the_same_call(stage: Stage) -> None:
    stage.bot.reply = TextReply(text="看不懂？ ]]> 回“找人讲” <1>")
    pushed = await stage.twin.type_text("WangFang", "帮助]]>", "official")
    assert (pushed.ok, pushed.attempts, pushed.error) == (True, 1, "")
    assert [heard.text for heard in stage.bot.heard] == ["帮助]]>"]
    (bubble,) = stage.seen()
    assert bubble.content["text"] == {"content": "看不懂？ ]]> 回“找人讲” <1>"}


async def test_no_reply_is_taken_as_no_reply(stage: Stage) -> None:
    pushed = await stage.twin.type_text("WangFang", "帮助", "official")
    assert (pushed.ok, pushed.attempts) == (True, 1)
    assert stage.seen() == []


async def test_a_platform_with_another_token_is_not_believed(stage: Stage) -> None:
    stage.twin.world.official.token = "anotherToken"
    stage.twin.world.switches.callback_retries = 0
    pushed = await stage.twin.type_text("WangFang", "帮助", "official")
    assert (pushed.ok, pushed.status, stage.bot.heard) == (False, 403, [])


@one_mode
async def test_a_repeated_push_has_the_same_key(stage: Stage) -> None:
    stage.twin.faults.add("duplicate_callback", "/callback/official")
    await stage.twin.type_text("WangFang", "帮助", "official")
    keys = [heard.repeat_key for heard in stage.bot.heard]
    assert len(keys) == 2
    assert len(set(keys)) == 1


@one_mode
async def test_without_an_open_window_nothing_is_accepted(stage: Stage) -> None:
    outcome = await stage.deliver()
    assert isinstance(outcome, Refused)
    assert (outcome.errcode, outcome.action) == (45015, SendAction.WINDOW_CLOSED)


@one_mode
@pytest.mark.parametrize("form", [MessageForm.TEXT, MessageForm.BUTTON_CARD])
async def test_inside_a_window_a_message_arrives(stage: Stage, form: MessageForm) -> None:
    await stage.twin.type_text("WangFang", "帮助", "official")
    assert await stage.deliver(form=form) == Accepted(platform_id="")
    assert len(stage.seen()) == 1


@one_mode
async def test_the_sixth_message_of_a_window_is_refused(stage: Stage) -> None:
    await stage.twin.type_text("WangFang", "帮助", "official")
    outcomes = [await stage.deliver(task=f"d-{n}") for n in range(6)]
    assert outcomes[:5] == [Accepted(platform_id="")] * 5
    assert isinstance(outcomes[5], Refused)
    assert (outcomes[5].errcode, outcomes[5].action) == (45047, SendAction.WINDOW_CLOSED)


@one_mode
async def test_a_tapped_line_comes_back_as_a_tap(stage: Stage) -> None:
    await stage.twin.type_text("WangFang", "帮助", "official")
    await stage.deliver(form=MessageForm.BUTTON_CARD)
    (bubble,) = stage.seen()
    line = bubble.content["msgmenu"]["list"][0]
    await stage.twin.type_text("WangFang", line["content"], "official", menu_id=line["id"])
    tapped = stage.bot.heard[-1]
    assert (tapped.kind, tapped.task, tapped.key) == (InboundKind.CARD_TAP, "d-17", "ack")


async def test_a_template_message_arrives_and_its_result_names_it(stage: Stage) -> None:
    outcome = await stage.deliver(form=MessageForm.TEXT_CARD)
    assert isinstance(outcome, Accepted)
    async with asyncio.timeout(5):
        await stage.bot.something.wait()
    (result,) = stage.bot.heard
    assert (result.kind, result.key, result.status) == (
        InboundKind.SEND_RESULT,
        outcome.platform_id,
        "success",
    )


@one_mode
async def test_a_lost_template_answer_is_resolved_by_the_same_bytes(stage: Stage) -> None:
    stage.twin.faults.add("drop_after_accept", "*/template/send", count=1)
    assert isinstance(await stage.deliver(form=MessageForm.TEXT_CARD), NoAnswer)
    assert isinstance(await stage.deliver(form=MessageForm.TEXT_CARD), Accepted)
    assert len(stage.seen()) == 1


@one_mode
async def test_who_left_gets_no_template(stage: Stage) -> None:
    await stage.twin.unsubscribe("WangFang")
    outcome = await stage.deliver(form=MessageForm.TEXT_CARD)
    assert isinstance(outcome, Refused)
    assert (outcome.errcode, outcome.action) == (43004, SendAction.UNSUBSCRIBED)


@one_mode
async def test_an_expired_token_is_renewed_unseen(stage: Stage) -> None:
    await stage.deliver(form=MessageForm.TEXT_CARD)
    stage.twin.faults.add("token_expiry", "*/template/send", count=1)
    outcome = await stage.deliver(form=MessageForm.TEXT_CARD, task="d-18")
    assert isinstance(outcome, Accepted)


@one_mode
async def test_following_by_a_slip_tells_which(stage: Stage) -> None:
    await stage.twin.unsubscribe("WangFang")
    await stage.twin.subscribe("WangFang", scene="slip-9")
    followed = stage.bot.heard[-1]
    assert (followed.kind, followed.key) == (InboundKind.SUBSCRIBE, "slip-9")


@one_mode
async def test_opening_a_link_from_the_menu_leaves_nothing(stage: Stage) -> None:
    await stage.twin.view_menu("WangFang", "https://door.example/c/", "official")
    (heard,) = stage.bot.heard
    assert (heard.kind, heard.account, heard.key) == (InboundKind.DROPPED, "", "")


@one_mode
async def test_the_phone_page_knows_the_visitor_once(stage: Stage) -> None:
    visit = await stage.twin.open("WangFang", stage.page)
    assert (visit.status, visit.text) == (200, "known once")
    assert stage.bot.identified == [stage.openid]
