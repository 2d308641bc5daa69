"""Each channel's table with the whole house behind it: what a phone does → what the phone must show."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fakes.house import Person
from lianbot.twin.phones import Channel, Side

WECOM, OFFICIAL = Channel.WECOM, Channel.OFFICIAL
WANG = Person(account="wang", name="王芳", official=True)
Act = Callable[[Any], Awaitable[Any]]


@pytest.fixture
async def stage(staged):
    async with staged([WANG]) as stage:
        stage.twin.world.official.notices = {"n1": "提醒", "n2": "通知"}
        stage.twin.world.switches.template_result_delay = 0.0
        yield stage


def phone(stage) -> Any:
    return stage.twin.phone("wang")


def typed(text: str, channel: Channel, menu_id: str = "") -> Act:
    return lambda stage: stage.twin.type_text("wang", text, channel, menu_id=menu_id)


def sent(kind: str, channel: Channel, **fields: Any) -> Act:
    return lambda stage: stage.twin.acts.send_kind(phone(stage), kind, fields, channel)


def event(name: str, channel: Channel, **fields: Any) -> Act:
    return lambda stage: stage.twin.acts.other_event(phone(stage), name, fields, channel)


def click(key: str, channel: Channel) -> Act:
    return lambda stage: stage.twin.click_menu("wang", key, channel)


async def mass_result(stage: Any) -> Any:
    return await stage.twin.acts.account_event(
        "MASSSENDJOBFINISH", {"MsgID": 1, "Status": "send success", "SentCount": 3}
    )


async def template_result(stage: Any) -> Any:
    return await stage.twin.acts.system_event(
        phone(stage), "TEMPLATESENDJOBFINISH", {"MsgID": "999", "Status": "success"}
    )


def notices(*names: str) -> Act:
    return lambda stage: stage.twin.acts.answer_notices(phone(stage), dict.fromkeys(names, True))


NOTHING = ""
HELP, ASK_IN_TEXT = "可以", "听不懂看不懂"

# label: (act, a word of what the phone must show then; nothing: the no-op)
TABLE: dict[str, tuple[Act, str]] = {
    "wecom: help": (typed("帮助", WECOM), HELP),
    "wecom: a question": (typed("供货商塞了两条烟，咋办？", WECOM), "当面退"),
    "wecom: ]]> in a text": (typed("帮助]]>", WECOM), HELP),
    "wecom: voice": (sent("voice", WECOM, MediaId="m", Format="amr"), ASK_IN_TEXT),
    "wecom: picture": (sent("image", WECOM, PicUrl="http://a/", MediaId="m"), ASK_IN_TEXT),
    "wecom: video": (sent("video", WECOM, MediaId="m", ThumbMediaId="t"), ASK_IN_TEXT),
    "wecom: place": (sent("location", WECOM, Location_X="1", Location_Y="2"), ASK_IN_TEXT),
    "wecom: link": (sent("link", WECOM, Title="t", Url="http://a/"), ASK_IN_TEXT),
    "wecom: menu": (click("help", WECOM), HELP),
    "wecom: opens the app": (lambda stage: stage.twin.enter("wang"), NOTHING),
    "wecom: view": (lambda stage: stage.twin.view_menu("wang", "http://a/m/", WECOM), NOTHING),
    "wecom: subscribe": (event("subscribe", WECOM), HELP),
    "wecom: unsubscribe": (event("unsubscribe", WECOM), NOTHING),
    "wecom: whereabouts": (event("LOCATION", WECOM, Latitude="23", Longitude="113"), NOTHING),
    "wecom: member changed": (
        event("change_contact", WECOM, ChangeType="update_user", UserID="wang"),
        NOTHING,
    ),
    "wecom: department changed": (
        event("change_contact", WECOM, ChangeType="create_party", Id="2"),
        NOTHING,
    ),
    "wecom: import done": (
        event("batch_job_result", WECOM, BatchJob={"JobId": "j", "JobType": "sync_user"}),
        NOTHING,
    ),
    "wecom: app shared": (event("share_agent_change", WECOM), NOTHING),
    "wecom: about to be suspended": (event("inactive_alert", WECOM), NOTHING),
    "wecom: photo from the menu": (event("pic_sysphoto", WECOM, EventKey="p"), NOTHING),
    "wecom: mini program": (event("view_miniprogram", WECOM, EventKey="p"), NOTHING),
    "wecom: a kind of tomorrow": (event("hologram_event", WECOM, EventKey="x"), NOTHING),
    "official: help": (typed("帮助", OFFICIAL), HELP),
    "official: a question": (typed("供货商塞了两条烟，咋办？", OFFICIAL), "当面退"),
    "official: ]]> in a text": (typed("帮助]]>", OFFICIAL), HELP),
    "official: voice without recognition": (
        sent("voice", OFFICIAL, MediaId="m", Format="amr"),
        ASK_IN_TEXT,
    ),
    "official: picture": (sent("image", OFFICIAL, PicUrl="http://a/", MediaId="m"), ASK_IN_TEXT),
    "official: short video": (
        sent("shortvideo", OFFICIAL, MediaId="m", ThumbMediaId="t"),
        ASK_IN_TEXT,
    ),
    "official: place": (sent("location", OFFICIAL, Location_X="1", Label="食堂"), ASK_IN_TEXT),
    "official: link": (sent("link", OFFICIAL, Title="t", Url="http://a/"), ASK_IN_TEXT),
    "official: menu": (click("help", OFFICIAL), HELP),
    "official: view": (
        lambda stage: stage.twin.view_menu("wang", "http://a/m/", OFFICIAL),
        NOTHING,
    ),
    "official: a line of somebody's menu": (typed("懂了", OFFICIAL, menu_id="foreign"), NOTHING),
    "official: whereabouts": (event("LOCATION", OFFICIAL, Latitude="23"), NOTHING),
    "official: unsubscribe": (lambda stage: stage.twin.unsubscribe("wang"), NOTHING),
    "official: result of a template": (template_result, NOTHING),
    "official: result of a mass send": (mass_result, NOTHING),
    "official: one notice accepted": (notices("n1"), NOTHING),
    "official: two notices accepted": (notices("n1", "n2"), NOTHING),
    "official: a kind of tomorrow": (event("hologram_event", OFFICIAL, EventKey="x"), NOTHING),
}


@pytest.mark.parametrize("label", TABLE)
async def test_what_comes_in_is_answered_with_what_must_go_out(stage, label):
    act, expected = TABLE[label]
    result = await act(stage)
    assert (result.error, result.status, result.attempts) == ("", 200, 1)
    shown = [
        str(one.content.get("text", {}).get("content", ""))
        for one in phone(stage).bubbles
        if one.side is Side.APP
    ]
    if expected:
        assert len(shown) == 1
        assert expected in shown[0]
    else:
        assert shown == []


async def test_a_json_body_is_refused_and_breaks_nothing(stage):
    """One page of the documents shows JSON (CONFLICT §A1): 400, and the next push is understood."""
    stage.twin.world.switches.official_body = "json"
    stage.twin.world.switches.callback_retries = 0
    assert (await stage.twin.type_text("wang", "帮助", OFFICIAL)).status == 400
    stage.twin.world.switches.official_body = "xml"
    assert (await stage.twin.type_text("wang", "帮助", OFFICIAL)).ok
