"""A fictional school: 3 sites, 4 contractors, 12 teams and as many workers as asked, the same for the same seed."""

import random
from dataclasses import dataclass, field, replace

from lianbot.domain.codes import Level, Post
from lianbot.domain.people import ClientKind, Employment
from lianbot.domain.roster import Joined, NewTeam, RosterChanges, RosterSnapshot, WorkerFacts

SITES = ("东校区", "西校区", "呈湖校区")
CONTRACTORS = ("禾味餐饮公司", "净安物业公司", "卫城保安公司", "后勤服务中心")
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
GIVEN = [
    "秀英",
    "桂兰",
    "建国",
    "玉珍",
    "志强",
    "春梅",
    "国华",
    "丽娟",
    "海燕",
    "永福",
    "小芳",
    "文军",
    "素芬",
    "德明",
    "玉梅",
    "世荣",
    "红梅",
    "光明",
    "翠花",
    "学文",
    "桂芳",
    "爱民",
    "金凤",
    "长顺",
    "丽华",
    "明珠",
    "应全",
    "彩云",
    "福生",
    "兰芝",
    "正祥",
    "巧云",
    "立新",
    "银花",
    "家旺",
    "凤仙",
]

Share = tuple[Post, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlan:
    """A team: where it belongs and which posts it has in which proportion."""

    name: str
    contractor: int
    site: int
    posts: tuple[Share, ...]


TEAMS = (
    TeamPlan(name="一食堂后厨班", contractor=0, site=0, posts=((Post.COOK, 9), (Post.STORE, 1))),
    TeamPlan(name="一食堂售卖班", contractor=0, site=0, posts=((Post.SELL, 1),)),
    TeamPlan(name="二食堂后厨班", contractor=0, site=1, posts=((Post.COOK, 1),)),
    TeamPlan(
        name="采购验收班",
        contractor=3,
        site=0,
        posts=((Post.RECV, 3), (Post.BUY, 2), (Post.STORE, 2), (Post.WASTE, 2)),
    ),
    TeamPlan(name="东区保洁班", contractor=1, site=0, posts=((Post.CLEAN, 1),)),
    TeamPlan(name="西区保洁班", contractor=1, site=1, posts=((Post.CLEAN, 1),)),
    TeamPlan(name="宿管班", contractor=1, site=2, posts=((Post.DORM, 1),)),
    TeamPlan(name="绿化班", contractor=1, site=2, posts=((Post.GREEN, 1),)),
    TeamPlan(name="东门保安班", contractor=2, site=0, posts=((Post.GUARD, 1),)),
    TeamPlan(name="西门保安班", contractor=2, site=1, posts=((Post.GUARD, 1),)),
    TeamPlan(name="维修车队班", contractor=3, site=1, posts=((Post.REPAIR, 3), (Post.DRIVER, 2))),
    TeamPlan(name="收费资料班", contractor=3, site=2, posts=((Post.FEE, 3), (Post.CLERK, 2))),
)

KEY_POSTS = {Post.BUY, Post.RECV, Post.STORE, Post.FEE, Post.SELL}
WITHOUT_WECOM = 0.06
NOT_BOUND = 0.05
READS_IN_WECHAT = 0.25
FOLLOWS = 0.8
AGREES = 0.75
"""Of those without WeCom: who follows the Official Account and is bound there, and of these who agreed to reminders."""


@dataclass(slots=True)
class DemoWorker:
    """A worker as the demo knows one: roster facts, and the phone in the hand."""

    facts: WorkerFacts
    account: str | None
    client: ClientKind
    has_wecom: bool
    lead: bool
    follows: bool = False
    agrees: bool = False

    @property
    def openid(self) -> str | None:
        """The account on the Official Account, where the worker follows it."""
        return f"o{self.account}" if self.follows else None


@dataclass(slots=True)
class DemoSchool:
    """The whole roster of the demo."""

    workers: list[DemoWorker] = field(default_factory=list)

    def changes(self, snapshot: RosterSnapshot) -> RosterChanges:
        """The school as one roster import."""
        return RosterChanges(
            base_version=snapshot.version,
            new_contractors=CONTRACTORS,
            new_sites=SITES,
            new_teams=tuple(
                NewTeam(
                    name=team.name,
                    contractor=CONTRACTORS[team.contractor],
                    site=SITES[team.site],
                )
                for team in TEAMS
            ),
            changes=tuple(Joined(facts=worker.facts) for worker in self.workers),
            last_issued=len(self.workers),
        )


def make_school(count: int, seed: int) -> DemoSchool:
    """`count` workers, at least one lead a team; one couple shares a phone number, one person has two posts."""
    dice = random.Random(seed)
    school = DemoSchool()
    for index in range(count):
        plan = TEAMS[index % len(TEAMS)]
        school.workers.append(_worker(dice, index, plan, lead=index < len(TEAMS)))
    _share_a_phone(school)
    _follow(school, seed)
    return school


def _worker(dice: random.Random, index: int, plan: TeamPlan, *, lead: bool) -> DemoWorker:
    post = _pick(dice, plan.posts)
    posts: tuple[Post, ...] = (Post.LEAD,) if lead else (post,)
    if index == len(TEAMS) + 4:
        posts = (Post.CLEAN, Post.GUARD)
    has_wecom = lead or dice.random() >= WITHOUT_WECOM
    bound = has_wecom and (lead or dice.random() >= NOT_BOUND)
    account = f"hq{index + 1:04}"
    facts = WorkerFacts(
        number=f"LB{index + 1:06}",
        name=dice.choice(SURNAMES) + dice.choice(GIVEN),
        phone=f"139{dice.randrange(10**8):08}",
        contractor=CONTRACTORS[plan.contractor],
        team=plan.name,
        site=SITES[plan.site],
        posts=posts,
        level=_level(posts),
        employment=Employment.SCHOOL_CONTRACT if plan.contractor == 3 else Employment.OUTSOURCED,
        shift="",
        started=None,
        wecom=account if bound else None,
    )
    return DemoWorker(
        facts=facts,
        account=account,
        client=ClientKind.PLAIN if dice.random() < READS_IN_WECHAT else ClientKind.WECOM,
        has_wecom=has_wecom,
        lead=lead,
    )


def _follow(school: DemoSchool, seed: int) -> None:
    """Dice of their own: who follows changes nothing else of the school."""
    dice = random.Random(f"{seed}:official")
    for worker in school.workers:
        if not worker.has_wecom:
            worker.follows = dice.random() < FOLLOWS
            worker.agrees = worker.follows and dice.random() < AGREES


def _pick(dice: random.Random, shares: tuple[Share, ...]) -> Post:
    return dice.choices([post for post, _ in shares], [share for _, share in shares])[0]


def _level(posts: tuple[Post, ...]) -> Level:
    if Post.LEAD in posts:
        return Level.L4
    return Level.L5 if posts[0] in KEY_POSTS else Level.L6


def _share_a_phone(school: DemoSchool) -> None:
    """A couple with one number, as rosters have them."""
    if len(school.workers) < 20:
        return
    wife, husband = school.workers[15], school.workers[19]
    husband.facts = replace(husband.facts, phone=wife.facts.phone)
