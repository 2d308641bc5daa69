"""The error table: every code has one action, an unknown one is final."""

import pytest

from lianbot.channels.table import action_for, entries, meaning_of
from lianbot.domain.messages import SendAction
from lianbot.domain.people import ChannelKind


@pytest.mark.parametrize(
    ("channel", "errcode", "action"),
    [
        (ChannelKind.WECOM, 0, SendAction.OK),
        (ChannelKind.WECOM, -1, SendAction.RETRY),
        (ChannelKind.WECOM, 40001, SendAction.CONFIG),
        (ChannelKind.WECOM, 40014, SendAction.REFRESH_TOKEN),
        (ChannelKind.WECOM, 42001, SendAction.REFRESH_TOKEN),
        (ChannelKind.WECOM, 45009, SendAction.QUOTA),
        (ChannelKind.WECOM, 50002, SendAction.VISIBILITY),
        (ChannelKind.WECOM, 60020, SendAction.CONFIG),
        (ChannelKind.WECOM, 81013, SendAction.RECIPIENT),
        (ChannelKind.WECOM, 701008, SendAction.LICENSE),
        (ChannelKind.OFFICIAL, 40001, SendAction.REFRESH_TOKEN),
        (ChannelKind.OFFICIAL, 43004, SendAction.UNSUBSCRIBED),
        (ChannelKind.OFFICIAL, 43101, SendAction.OPTED_OUT),
        (ChannelKind.OFFICIAL, 45011, SendAction.RETRY_LATER),
        (ChannelKind.OFFICIAL, 45015, SendAction.WINDOW_CLOSED),
        (ChannelKind.OFFICIAL, 45065, SendAction.DUPLICATE_OK),
        (ChannelKind.OFFICIAL, 47003, SendAction.PAYLOAD),
    ],
)
def test_a_listed_code_has_its_action(
    channel: ChannelKind, errcode: int, action: SendAction
) -> None:
    assert action_for(channel, errcode) is action


@pytest.mark.parametrize("channel", list(ChannelKind))
def test_an_unlisted_code_is_final_with_an_alert(channel: ChannelKind) -> None:
    assert action_for(channel, 999_999) is SendAction.UNLISTED


@pytest.mark.parametrize("channel", list(ChannelKind))
def test_only_a_few_codes_may_ever_be_tried_again(channel: ChannelKind) -> None:
    again = {SendAction.RETRY, SendAction.RETRY_LATER, SendAction.REFRESH_TOKEN}
    codes = {code for code, entry in entries(channel).items() if entry.action in again}
    known = {
        ChannelKind.WECOM: {-1, 40014, 42001, 45033, 45035, 301026, 301057, 302005},
        ChannelKind.OFFICIAL: {-1, 40001, 40014, 42001, 45011, 45066, 61450},
    }
    assert codes == known[channel]


@pytest.mark.parametrize("channel", list(ChannelKind))
def test_staff_read_chinese_beside_every_number(channel: ChannelKind) -> None:
    def is_chinese(text: str) -> bool:
        return any("一" <= letter <= "鿿" for letter in text)

    assert all(is_chinese(entry.meaning) for entry in entries(channel).values())
    assert is_chinese(meaning_of(channel, 999_999))
