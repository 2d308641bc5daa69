"""The school's phones in the twin, and why a grey one is grey."""

from lianbot.bootstrap import House
from lianbot.demo.school import DemoSchool
from lianbot.phrases import demo as say
from lianbot.phrases.reasons import NO_WECOM, REACH
from lianbot.twin import Twin

CORP = "wwlianbotdemo"
AGENT = 1000002
SECRET = "demo-wecom-secret-0123456789"  # noqa: S105 - the demo's own twin, on this machine only
TOKEN = "demoWecomToken01"  # noqa: S105 - likewise
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
APPID = "wxlianbotdemo0001"
OFFICIAL_SECRET = "demo-official-secret-0123456789"  # noqa: S105 - the demo's own twin, on this machine only
OFFICIAL_TOKEN = "demoOfficialToken01"  # noqa: S105 - likewise
OFFICIAL_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TEMPLATE_ID = "TPL-xuexi"
TEMPLATE_FIELDS = "thing1={title};phrase2=待阅读"
SECRETS = (SECRET, TOKEN, AES_KEY, OFFICIAL_SECRET, OFFICIAL_TOKEN, OFFICIAL_AES_KEY)


def set_up_accounts(twin: Twin, callback_base: str) -> None:
    """The twin's WeCom corporation with our app, its Official Account with a template, and both callbacks."""
    wecom = twin.world.wecom
    wecom.corp_id = CORP
    wecom.agent_id = AGENT
    wecom.secret = SECRET
    wecom.token = TOKEN
    wecom.aes_key = AES_KEY
    wecom.callback_url = f"{callback_base}/wechat/wecom"
    official = twin.world.official
    official.appid = APPID
    official.secret = OFFICIAL_SECRET
    official.token = OFFICIAL_TOKEN
    official.aes_key = OFFICIAL_AES_KEY
    official.callback_url = f"{callback_base}/wechat/official"
    official.templates = {TEMPLATE_ID: say.TEMPLATE}


def add_phones(twin: Twin, school: DemoSchool, profiles: dict[str, str]) -> None:
    """A phone a worker. `profiles`: post code → short name."""
    people = []
    for worker in school.workers:
        facts = worker.facts
        reach = (
            None
            if (worker.has_wecom and facts.wecom) or worker.follows
            else ("no_wecom" if not worker.has_wecom else "unbound")
        )
        people.append(
            {
                "id": worker.account,
                "name": facts.name,
                "post": "、".join(profiles.get(post.value, post.value) for post in facts.posts),
                "team": facts.team,
                "client": str(worker.client) if worker.has_wecom else "none",
                "followed": worker.follows,
                "reason": _reason(reach),
                "mend": _mend(reach),
            }
        )
    twin.add_people(people)


def _reason(reach: str | None) -> str:
    return "" if reach is None else NO_WECOM[0] if reach == "no_wecom" else REACH["unbound"][0]


def _mend(reach: str | None) -> str:
    return "" if reach is None else NO_WECOM[1] if reach == "no_wecom" else REACH["unbound"][1]


async def figures(house: House) -> list[dict[str, object]]:
    """What stands above the wall: the console's own figures."""
    total = (await house.statistics.total()).values
    unbound = await house.statistics.reasons()
    return [
        {"label": "计划", "value": total["total"]},
        {"label": "已接受", "value": total["accepted"]},
        {"label": "未绑定", "value": unbound.get("unbound", 0)},
        {"label": "延后", "value": total["deferred"]},
        {"label": "不明", "value": total["unknown"]},
    ]
