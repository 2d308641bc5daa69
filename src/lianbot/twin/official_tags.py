"""Tags of followers: what mass sends to a team or campus go by [S66]."""

from __future__ import annotations

from aiohttp import web

from lianbot.twin.answers import RefusedError, answer, done, json_body
from lianbot.twin.phones import Content, Phone
from lianbot.twin.world import World, as_object

_LONGEST_NAME = 30
_A_BATCH = 50
_FIRST = 100


class Tags:
    """`/cgi-bin/tags/…`: names of 30 characters, 50 openids a call [S66]."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def create(self, request: web.Request) -> web.Response:
        """A new tag; a wrong or known name is refused (UNCONFIRMED number)."""
        name = as_object((await self._body(request)).get("tag")).get("name")
        tags = self.world.official.tags
        wrong = not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_NAME
        if wrong or name in tags.values():
            raise RefusedError(self.world.switches.tag_name_errcode, "invalid tag name")
        number = max((int(each) for each in tags), default=_FIRST - 1) + 1
        tags[str(number)] = str(name)
        return answer({"tag": {"id": number, "name": name}})

    async def list_all(self, _request: web.Request) -> web.Response:
        """Every tag with how many wear it."""
        people = self.world.phones.values()
        return answer(
            {
                "tags": [
                    {
                        "id": int(one),
                        "name": name,
                        "count": sum(int(one) in p.tags for p in people),
                    }
                    for one, name in self.world.official.tags.items()
                ]
            }
        )

    async def tag(self, request: web.Request) -> web.Response:
        """Put a tag on up to 50 followers."""
        number, phones = await self._batch(request)
        for phone in phones:
            if number not in phone.tags:
                phone.tags.append(number)
        return done()

    async def untag(self, request: web.Request) -> web.Response:
        """Take it off."""
        number, phones = await self._batch(request)
        for phone in phones:
            phone.tags = [each for each in phone.tags if each != number]
        return done()

    async def _batch(self, request: web.Request) -> tuple[int, list[Phone]]:
        body = await self._body(request)
        number, openids = body.get("tagid"), body.get("openid_list")
        if not isinstance(number, int) or str(number) not in self.world.official.tags:
            raise RefusedError(45159, "invalid tag id")
        if not isinstance(openids, list) or not 1 <= len(openids) <= _A_BATCH:
            raise RefusedError(40032, "invalid openid list size")
        phones = [self.world.by_openid.get(str(each)) for each in openids]
        found = [each for each in phones if each is not None and each.followed]
        if len(found) < len(openids):
            raise RefusedError(40003, "invalid openid")
        return number, found

    async def _body(self, request: web.Request) -> Content:
        refused = self.world.switches.official_refuses_escapes
        return await json_body(request, 47001, escapes_refused=refused)
