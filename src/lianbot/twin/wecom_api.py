"""WeCom's server API under `/wecom/cgi-bin/…`: the endpoints a self-built app uses."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from lianbot.twin.answers import (
    Handler,
    RefusedError,
    done,
    json_body,
    raise_refusal,
    wecom_errors,
)
from lianbot.twin.cards import apply_update, check_replacement, use_code
from lianbot.twin.media import read_upload
from lianbot.twin.oauth import is_member, redeem
from lianbot.twin.phones import Channel, Phone
from lianbot.twin.strikes import guarded
from lianbot.twin.tokens import LIFE
from lianbot.twin.wecom_send import WecomSend
from lianbot.twin.world import World, as_object

_RECALL_WITHIN = 24 * 3600.0


class WecomApi:
    """Handlers and their routes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.send = WecomSend(world)
        self._wrong_secrets: dict[str, int] = {}
        self._banned_until: dict[str, float] = {}
        self._minutes: dict[tuple[str, int], int] = {}

    def add_routes(self, app: web.Application, prefix: str = "/wecom") -> None:
        """Mount everything under the platform's own paths."""
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/cgi-bin/gettoken", self.gettoken),
            ("POST", "/cgi-bin/message/send", self.send.handle),
            ("POST", "/cgi-bin/message/recall", self.recall),
            ("POST", "/cgi-bin/message/update_template_card", self.update_card),
            ("POST", "/cgi-bin/media/upload", self.upload),
            ("GET", "/cgi-bin/media/get", self.download),
            ("GET", "/cgi-bin/auth/getuserinfo", self.auth_getuserinfo),
            ("GET", "/cgi-bin/user/getuserinfo", self.user_getuserinfo),
            ("GET", "/cgi-bin/user/get", self.user_get),
            ("GET", "/cgi-bin/agent/get", self.agent_get),
            ("POST", "/cgi-bin/menu/create", self.menu_create),
            ("GET", "/cgi-bin/menu/get", self.menu_get),
            ("GET", "/cgi-bin/menu/delete", self.menu_delete),
            ("GET", "/cgi-bin/getcallbackip", self.callback_ips),
        ]
        for method, path, handler in routes:
            checked = self._trusted(path, handler)
            safe = guarded(self.world, wecom_errors(self.world, checked))
            app.router.add_route(method, prefix + path, safe)

    def _trusted(self, path: str, handler: Handler) -> Handler:
        """60020 outside the trusted addresses; 45009 above the base limits [S92][S72]."""
        world = self.world
        limited = not path.endswith("message/send")  # sending is not counted there [S72]

        async def run(request: web.Request) -> web.StreamResponse:
            trusted = world.wecom.trusted_ips
            if trusted is not None and request.remote not in trusted:
                raise RefusedError(60020, "not allow to access from your ip")
            if limited:
                self._count_minute(path)
            return await handler(request)

        return run

    def _count_minute(self, path: str) -> None:
        key = (path, int(self.world.clock.now() // 60))
        seen = self._minutes.get(key, 0)
        if not seen:
            self._minutes = {k: v for k, v in self._minutes.items() if k[1] == key[1]}
        self._minutes[key] = seen + 1
        if seen >= self.world.switches.calls_per_minute:
            raise RefusedError(45009, "api freq out of limit")

    def _check_token(self, request: web.Request) -> None:
        # The token counts in the query string only; header or body is 41001 [S70].
        token = request.query.get("access_token")
        raise_refusal(self.world.wecom_tokens.refusal(token, self.world.clock.now()))

    # token -------------------------------------------------------------------------------

    async def gettoken(self, request: web.Request) -> web.Response:
        """7200 s, the same token while it is valid [S69]."""
        world, now = self.world, self.world.clock.now()
        self._check_secret(request, now)
        book = world.wecom_tokens
        if not book.current or book.current_dies <= now:
            book.issue(now)
        world.count("wecom.gettoken")
        left = int(min(book.current_dies - now, LIFE))
        return done(access_token=book.current, expires_in=left)

    def _check_secret(self, request: web.Request, now: float) -> None:
        corp, secret = request.query.get("corpid"), request.query.get("corpsecret")
        address = request.remote or ""
        if self._banned_until.get(address, 0.0) > now:
            # Many wrong secrets: the address is out for an hour [S70].
            raise RefusedError(45009, "ip banned after too many wrong secrets")
        if not corp:
            raise RefusedError(41002, "corpid missing")
        if not secret:
            raise RefusedError(41004, "corpsecret missing")
        if corp != self.world.wecom.corp_id:
            raise RefusedError(40013, "invalid corpid")
        if secret != self.world.wecom.secret:
            wrong = self._wrong_secrets.get(address, 0) + 1
            self._wrong_secrets[address] = wrong
            if wrong >= self.world.switches.wrong_secret_ban_after:
                self._banned_until[address] = now + 3600
                self._wrong_secrets[address] = 0
            raise RefusedError(40001, "invalid credential")

    # messages ----------------------------------------------------------------------------

    async def recall(self, request: web.Request) -> web.Response:
        """Within 24 h; copies in ordinary WeChat stay [S80]."""
        self._check_token(request)
        body = await json_body(request, 40063, escapes_refused=False)
        sent = self.world.sent.get(str(body.get("msgid", "")))
        if sent is None:
            raise RefusedError(40058, "msgid not valid or of another app")
        if self.world.clock.now() - sent.at > _RECALL_WITHIN:
            raise RefusedError(40058, "msgid older than 24 hours")
        for phone, bubble in sent.lines:
            if phone.client != "plain":
                bubble.recalled = True
                self.world.touch(phone)
        return done()

    async def update_card(self, request: web.Request) -> web.Response:
        """Once per response_code; arrays here, pipe strings in send [S79][S67]."""
        self._check_token(request)
        body = await json_body(request, 40063, escapes_refused=False)
        self.send.check_agent(body)
        change = _card_change(body)
        code = use_code(self.world, body.get("response_code"))
        wanted = _user_array(body)
        lines = [
            (phone, bubble)
            for phone, bubble in code.lines
            if body.get("atall") == 1 or phone.userid.lower() in wanted
        ]
        known = {phone.userid.lower() for phone, _ in lines}
        invalid = [] if body.get("atall") == 1 else sorted(wanted - known)
        if not lines:
            raise RefusedError(40003, "invalid userid")
        code.used = True
        apply_update(self.world, lines, change)
        return done(invaliduser=invalid) if invalid else done()

    # media -------------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.Response:
        """Temporary media: three days, shared inside the corp [S67]."""
        self._check_token(request)
        kind = request.query.get("type", "")
        media = await read_upload(request, self.world, kind, Channel.WECOM)
        media_id = self.world.word(64)
        self.world.media[f"wecom:{media_id}"] = media
        created = str(int(self.world.clock.now()))
        return done(type=kind, media_id=media_id, created_at=created)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a media id."""
        self._check_token(request)
        media = self.world.media.get(f"wecom:{request.query.get('media_id', '')}")
        if media is None or media.expires <= self.world.clock.now():
            raise RefusedError(40007, "invalid media_id")
        return web.Response(body=media.body, content_type=media.content_type)

    # people ------------------------------------------------------------------------------

    async def auth_getuserinfo(self, request: web.Request) -> web.Response:
        """The person behind an OAuth code, present spelling [S86]."""
        phone = self._redeemed(request)
        return done(userid=phone.userid) if is_member(phone) else done(openid=phone.openid)

    async def user_getuserinfo(self, request: web.Request) -> web.Response:
        """The same under its older path and spelling."""
        phone = self._redeemed(request)
        named = {"UserId": phone.userid} if is_member(phone) else {"OpenId": phone.openid}
        return done(**named, DeviceId="")

    def _redeemed(self, request: web.Request) -> Phone:
        self._check_token(request)
        return redeem(self.world, Channel.WECOM, request.query.get("code"))[0]

    async def user_get(self, request: web.Request) -> web.Response:
        """A member; apps get neither avatar, mobile nor address [S91][S81]."""
        self._check_token(request)
        phone = self.world.by_userid.get(request.query.get("userid", "").lower())
        if phone is None or not is_member(phone):
            raise RefusedError(60111, "userid not found")
        status = 4 if phone.client == "inactive" else 1
        return done(userid=phone.userid, name=phone.name, department=[1], status=status)

    async def agent_get(self, request: web.Request) -> web.Response:
        """The app itself, for checks of settings."""
        self._check_token(request)
        if request.query.get("agentid") != str(self.world.wecom.agent_id):
            raise RefusedError(301002, "agentid does not match the token's app")
        account = self.world.wecom
        return done(agentid=account.agent_id, name=account.name, close=0)

    # menu --------------------------------------------------------------------------------

    async def menu_create(self, request: web.Request) -> web.Response:
        """One to three top entries, each with up to five below."""
        self._check_menu_agent(request)
        body = await json_body(request, 40063, escapes_refused=False)
        _check_menu(body)
        self.world.wecom.menu = body
        return done()

    async def menu_get(self, request: web.Request) -> web.Response:
        """The menu as it was created."""
        self._check_menu_agent(request)
        if not self.world.wecom.menu:
            raise RefusedError(46003, "no menu")
        return done(button=self.world.wecom.menu["button"])

    async def menu_delete(self, request: web.Request) -> web.Response:
        """Take the menu away."""
        self._check_menu_agent(request)
        self.world.wecom.menu = {}
        return done()

    def _check_menu_agent(self, request: web.Request) -> None:
        self._check_token(request)
        if request.query.get("agentid") != str(self.world.wecom.agent_id):
            raise RefusedError(301002, "agentid does not match the token's app")

    async def callback_ips(self, request: web.Request) -> web.Response:
        """Addresses the pushes come from."""
        self._check_token(request)
        return done(ip_list=["127.0.0.1"])


def _card_change(body: dict[str, Any]) -> dict[str, Any]:
    name = as_object(body.get("button")).get("replace_name")
    if name:
        return {"replace_name": name}
    card = as_object(body.get("template_card"))
    if not card:
        raise RefusedError(40058, "button.replace_name or template_card missing")
    check_replacement(card)
    return {"template_card": card}


def _user_array(body: dict[str, Any]) -> set[str]:
    users = body.get("userids", [])
    if not isinstance(users, list):
        raise RefusedError(40035, "userids: an array is expected")
    if len(users) > 1000:
        raise RefusedError(40032, "invalid userid list size")
    return {str(each).lower() for each in users}


def _check_menu(menu: dict[str, Any]) -> None:
    top = menu.get("button")
    if not isinstance(top, list) or not 1 <= len(top) <= 3:
        raise RefusedError(40016, "invalid button size, 1 to 3")
    for each in map(as_object, top):
        if len(str(each.get("name", "")).encode()) > 16 or not each.get("name"):
            raise RefusedError(40018, "invalid button name size, 1 to 16 bytes")
        below = each.get("sub_button") or []
        if not isinstance(below, list) or len(below) > 5:
            raise RefusedError(40023, "invalid sub button size, 1 to 5")
        for entry in map(as_object, below or [each]):
            _check_entry(entry)


def _check_entry(entry: dict[str, Any]) -> None:
    kind = str(entry.get("type"))
    if kind == "view":
        if not entry.get("url") or len(str(entry["url"]).encode()) > 1024:
            raise RefusedError(40020, "invalid button url size")
    elif kind not in {"click", "scancode_push", "scancode_waitmsg", "location_select"}:
        raise RefusedError(40017, f"invalid button type {kind!r}")
    elif not 1 <= len(str(entry.get("key", "")).encode()) <= 128:
        raise RefusedError(40019, "invalid button key size")
