"""Reach by way: what the roster and the forecast say of a worker's ways, with the reason and the mend."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from fakes.ports import an_edition
from lianbot.domain.campaigns import Audience, Campaign, CampaignState, Once
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import Reason
from lianbot.domain.people import Binding, ChannelKind, Worker
from lianbot.domain.routing import Contact
from lianbot.domain.ways import Way
from lianbot.ports.desk import BindingSeen, WorkerSeen
from lianbot.ports.planning import Candidate
from lianbot.web.console.forecast import forecast
from lianbot.web.console.roster import reach_of

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
WORKER = Worker(
    id=UUID(int=7),
    number="LB000007",
    name="李强",
    phone=None,
    contractor_id=1,
    team_id=1,
    site_id=1,
    posts=(Post.COOK,),
    level=Level.L6,
)
USER = Binding(worker_id=WORKER.id, channel=ChannelKind.WECOM, account="li")
FAN = Binding(worker_id=WORKER.id, channel=ChannelKind.OFFICIAL, account="oli")
OPEN = {"left": {"oli": 4}, "open_until": {"oli": datetime(2026, 12, 3, 5, tzinfo=UTC)}}


def seen(contact: Contact) -> WorkerSeen:
    bindings = tuple(
        BindingSeen(
            channel=one.channel,
            client="unknown",
            opted_out=False,
            broken=None,
            client_by_hand=False,
        )
        for one in contact.bindings
    )
    return WorkerSeen(
        worker=WORKER,
        team="后厨班",
        contractor="某公司",
        site="东校区",
        bindings=bindings,
        contact=contact,
    )


@pytest.mark.parametrize(
    ("contact", "reached", "text"),
    [
        (Contact(bindings=(USER,)), True, "企业微信"),
        (Contact(bindings=(USER, FAN), template_consent=True), True, "企业微信、服务号模板消息"),
        (Contact(bindings=(FAN,), **OPEN), True, "服务号对话里发（还能发 4 条，到 12 月 3 日）"),
        (Contact(bindings=(FAN,)), False, "等本人下次来时给"),
        (Contact(bindings=(FAN,), broken={ChannelKind.OFFICIAL: Reason.NOT_FOLLOWING}), False, "没有关注"),
        (Contact(bindings=(USER,), broken={ChannelKind.WECOM: Reason.NOT_VISIBLE}), False, "可见范围"),
        (Contact(bindings=(FAN,), available=frozenset({Way.WECOM})), False, "权限"),
    ],
)  # fmt: skip
def test_what_the_roster_says_of_a_worker(contact, reached, text):
    found = reach_of(seen(contact))
    assert found.reached is reached
    assert text in found.text
    assert bool(found.mend) is not reached


def candidate(contact: Contact) -> Candidate:
    return Candidate(
        worker=WORKER,
        bindings=contact.bindings,
        opted_out=frozenset(),
        broken=frozenset(),
        pushes=(),
        told=frozenset(),
        contact=contact,
    )


def test_the_forecast_counts_by_way_and_who_waits_is_not_reached():
    campaign = Campaign(
        id=uuid4(),
        title="第一课",
        audience=Audience(),
        schedule=Once(at=NOW),
        items=(),
        channels=tuple(ChannelKind),
        remind_after_days=None,
        created_by=uuid4(),
        created_at=NOW,
        state=CampaignState.DRAFT,
        steps=1,
        approvals=(),
    )
    everybody = [
        candidate(Contact(bindings=(USER, FAN))),
        candidate(Contact(bindings=(FAN,), template_consent=True)),
        candidate(Contact(bindings=(FAN,), **OPEN)),
        candidate(Contact(bindings=(FAN,))),
        candidate(Contact()),
    ]
    found = forecast(campaign, everybody, lambda _: an_edition())
    assert found.by_way == {Way.WECOM: 1, Way.TEMPLATE: 1, Way.CUSTOMER: 1}
    assert found.unreached == {Reason.HELD: 1, Reason.UNBOUND: 1}
    assert found.reachable == 3
    assert found.audience == found.reachable + sum(found.unreached.values())
