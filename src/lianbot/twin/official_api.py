"""The Official Account's server API under `/official/…`: tokens, users, QR codes, media, sign-in."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from lianbot.twin.accounts import AccountKind
from lianbot.twin.answers import (
    Handler,
    RefusedError,
    answer,
    done,
    json_body,
    official_errors,
    raise_refusal,
)
from lianbot.twin.media import read_upload
from lianbot.twin.oauth import redeem
from lianbot.twin.official_mass import MassSend, Report
from lianbot.twin.official_menu import check_menu
from lianbot.twin.official_notice import NoticeSend, Sent
from lianbot.twin.official_send import CustomSend
from lianbot.twin.official_tags import Tags
from lianbot.twin.official_template import Announce, TemplateSend
from lianbot.twin.phones import Channel, Content
from lianbot.twin.quota import Quotas
from lianbot.twin.strikes import guarded
from lianbot.twin.tokens import LIFE, Refusal, TokenBook
from lianbot.twin.windows import Windows
from lianbot.twin.world import QrTicket, World, as_object

_VERIFIED = frozenset({AccountKind.SERVICE_VERIFIED, AccountKind.SUBSCRIPTION_VERIFIED})
_SERVICE = frozenset({AccountKind.SERVICE_VERIFIED})
_MENU = frozenset(AccountKind) - {AccountKind.SUBSCRIPTION_UNVERIFIED}
_ANY = frozenset(AccountKind)

_LONGEST_QR = 2_592_000


class OfficialApi:
    """Handlers and their routes."""

    def __init__(
        self, world: World, windows: Windows, announce: Announce, sent: Sent, report: Report
    ) -> None:
        self.world = world
        self.quotas = Quotas(world)
        self.custom = CustomSend(world, windows)
        self.template = TemplateSend(world, announce)
        self.notice = NoticeSend(world, sent)
        self.mass = MassSend(world, report)
        self.tags = Tags(world)
        self._forced: list[float] = []

    def add_routes(self, app: web.Application, prefix: str = "/official") -> None:
        """Mount everything under the platform's own paths; who may call what: §B5."""
        routes: list[tuple[str, str, Handler, frozenset[AccountKind]]] = [
            ("POST", "/cgi-bin/message/custom/send", self.custom.handle, _VERIFIED),
            ("POST", "/cgi-bin/message/custom/typing", self.custom.typing, _VERIFIED),
            ("POST", "/cgi-bin/message/template/send", self.template.handle, _SERVICE),
            (
                "GET",
                "/cgi-bin/template/get_all_private_template",
                self.template.list_all,
                _SERVICE,
            ),
            ("POST", "/cgi-bin/message/subscribe/bizsend", self.notice.handle, _SERVICE),
            ("POST", "/cgi-bin/message/mass/sendall", self.mass.to_filter, _VERIFIED),
            ("POST", "/cgi-bin/message/mass/send", self.mass.to_openids, _VERIFIED),
            ("POST", "/cgi-bin/message/mass/preview", self.mass.preview, _VERIFIED),
            ("POST", "/cgi-bin/message/mass/get", self.mass.get, _VERIFIED),
            ("POST", "/cgi-bin/tags/create", self.tags.create, _VERIFIED),
            ("GET", "/cgi-bin/tags/get", self.tags.list_all, _VERIFIED),
            ("POST", "/cgi-bin/tags/members/batchtagging", self.tags.tag, _VERIFIED),
            ("POST", "/cgi-bin/tags/members/batchuntagging", self.tags.untag, _VERIFIED),
            ("POST", "/cgi-bin/menu/create", self.menu_create, _MENU),
            ("GET", "/cgi-bin/menu/get", self.menu_get, _MENU),
            ("GET", "/cgi-bin/menu/delete", self.menu_delete, _MENU),
            ("POST", "/cgi-bin/qrcode/create", self.qrcode, _SERVICE),
            ("POST", "/cgi-bin/media/upload", self.upload, _ANY),
            ("GET", "/cgi-bin/user/info", self.user_info, _VERIFIED),
            ("GET", "/cgi-bin/user/get", self.user_list, _VERIFIED),
            ("GET", "/cgi-bin/getcallbackip", self.callback_ips, _ANY),
            ("GET", "/cgi-bin/get_api_domain_ip", self.callback_ips, _ANY),
            ("POST", "/cgi-bin/callback/check", self.callback_check, _ANY),
            ("POST", "/cgi-bin/clear_quota", self.clear_quota, _ANY),
            ("POST", "/cgi-bin/openapi/quota/get", self.quota_get, _ANY),
        ]
        for method, path, handler, allowed in routes:
            checked = self._checked(path, handler, allowed)
            self._add(app, method, prefix + path, checked)
        self._add(app, "GET", prefix + "/cgi-bin/token", self.token)
        self._add(app, "POST", prefix + "/cgi-bin/stable_token", self.stable_token)
        self._add(app, "GET", prefix + "/sns/oauth2/access_token", self.web_token)
        self._add(app, "GET", prefix + "/cgi-bin/showqrcode", self.show_qrcode)

    def _add(self, app: web.Application, method: str, path: str, handler: Handler) -> None:
        app.router.add_route(
            method, path, guarded(self.world, official_errors(self.world, handler))
        )

    def _checked(self, path: str, handler: Handler, allowed: frozenset[AccountKind]) -> Handler:
        async def run(request: web.Request) -> web.StreamResponse:
            raise_refusal(self._token_refusal(request.query.get("access_token")))
            if self.world.official.kind not in allowed:
                raise RefusedError(48001, "api unauthorized")  # [S52][S53][S26]
            self.quotas.count(path)
            return await handler(request)

        return run

    # tokens ------------------------------------------------------------------------------

    def _token_refusal(self, token: str | None) -> Refusal | None:
        """Good in either book is good; the two kinds do not disturb each other [S56][S57]."""
        world, now = self.world, self.world.clock.now()
        refusal = world.official_tokens.refusal(token, now)
        if refusal is None or not token:
            return refusal
        other = world.stable_tokens.refusal(token, now)
        if other is None:
            return None
        if token in world.stable_tokens.dies:
            return other
        if len(token) != world.official_tokens.size:
            return Refusal(40014, "invalid access_token")
        return refusal

    async def token(self, request: web.Request) -> web.Response:
        """A new token each time; the one before lives on for five minutes [S32][S55]."""
        if request.query.get("grant_type") != "client_credential":
            raise RefusedError(40002, "invalid grant_type")
        self._check_secret(request, request.query.get("appid"), request.query.get("secret"))
        self.quotas.count("/cgi-bin/token")
        now, book = self.world.clock.now(), self.world.official_tokens
        if book.current:
            book.end(book.current, now + self.world.switches.token_overlap)
        return answer({"access_token": book.issue(now), "expires_in": int(LIFE)})

    async def stable_token(self, request: web.Request) -> web.Response:
        """The same token until its last five minutes; then a new one beside it [S56][S57]."""
        body = await json_body(request, 47001, escapes_refused=False)
        if body.get("grant_type") != "client_credential":
            raise RefusedError(40002, "invalid grant_type")
        self._check_secret(request, body.get("appid"), body.get("secret"))
        self.quotas.count("/cgi-bin/stable_token")
        self.quotas.count_minute("/cgi-bin/stable_token", 10_000)
        now, book = self.world.clock.now(), self.world.stable_tokens
        if body.get("force_refresh") is True:
            self._force(book, now)
        elif not book.current or book.current_dies - now <= 300:
            book.issue(now)
        left = int(min(book.current_dies - now, LIFE))
        return answer({"access_token": book.current, "expires_in": left})

    def _force(self, book: TokenBook, now: float) -> None:
        # 20 a day, 30 s apart; the former token dies at once [S56].
        self._forced = [each for each in self._forced if now - each < 86_400]
        if len(self._forced) >= 20:
            raise RefusedError(45009, "reach max api daily quota limit")
        if self._forced and now - self._forced[-1] < 30:
            raise RefusedError(
                45011, "api minute-quota reach limit, must slower, retry next minute"
            )
        self._forced.append(now)
        book.end(book.current, now)
        book.issue(now)

    def _check_secret(self, request: web.Request, appid: object, secret: object) -> None:
        account = self.world.official
        if not appid:
            raise RefusedError(41002, "appid missing")
        if appid != account.appid:
            raise RefusedError(40013, "invalid appid")
        if not secret:
            raise RefusedError(41004, "appsecret missing")
        if secret != account.secret:
            raise RefusedError(self.world.switches.wrong_secret_errcode, "invalid appsecret")
        if account.trusted_ips is not None and request.remote not in account.trusted_ips:
            # Both token endpoints need the caller on the list [S58].
            raise RefusedError(40164, f"invalid ip {request.remote}, not in whitelist")

    # menu --------------------------------------------------------------------------------

    async def menu_create(self, request: web.Request) -> web.Response:
        """Replaces the whole menu [S13]."""
        body = await self._body(request)
        check_menu(body, self.world.switches.menu_names)
        self.world.official.menu = {"button": body["button"]}
        return done()

    async def menu_get(self, _request: web.Request) -> web.Response:
        """The menu as it was created; none is 46003."""
        if not self.world.official.menu:
            raise RefusedError(46003, "menu no exist")
        return answer({"menu": self.world.official.menu})

    async def menu_delete(self, _request: web.Request) -> web.Response:
        """Take the menu away."""
        self.world.official.menu = {}
        return done()

    # QR, users, media ----------------------------------------------------------------------

    async def qrcode(self, request: web.Request) -> web.Response:
        """A parametric QR code [S64][S65]."""
        body = await self._body(request)
        action = body.get("action_name")
        scene = _scene(action, as_object(as_object(body.get("action_info")).get("scene")))
        lasting = str(action).startswith("QR_LIMIT_")
        seconds = body.get("expire_seconds", 60)
        if not isinstance(seconds, int) or not 1 <= seconds <= _LONGEST_QR:
            raise RefusedError(40035, "expire_seconds: 1 to 2592000")
        expires = float("inf") if lasting else self.world.clock.now() + seconds
        ticket = self.world.word(86)
        self.world.tickets[ticket] = QrTicket(scene, expires)
        made: Content = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[:22]}"}
        return answer(made if lasting else {**made, "expire_seconds": seconds})

    async def show_qrcode(self, request: web.Request) -> web.StreamResponse:
        """A picture that stands for the code; phones of the twin scan the ticket itself."""
        ticket = self.world.tickets.get(request.query.get("ticket", ""))
        if ticket is None:
            return web.Response(status=404)
        text = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 430 430">'
            '<path fill="#fff" d="M0 0h430v430H0z"/>'
            '<path d="M20 20h120v120H20zM290 20h120v120H290zM20 290h120v120H20z"/></svg>'
        )
        return web.Response(text=text, content_type="image/svg+xml")

    async def user_info(self, request: web.Request) -> web.Response:
        """No nickname, no picture; who does not follow is told by subscribe 0 alone [S66]."""
        openid = request.query.get("openid")
        if not openid:
            raise RefusedError(41009, "openid missing")
        phone = self.world.by_openid.get(openid)
        if phone is None:
            raise RefusedError(40003, "invalid openid")
        if not phone.followed:
            return answer({"subscribe": 0, "openid": phone.openid})
        info: Content = {
            "subscribe": 1,
            "openid": phone.openid,
            "language": "zh_CN",
            "subscribe_time": int(phone.followed_at),
            "remark": "",
            "groupid": 0,
            "tagid_list": [],
            "subscribe_scene": "ADD_SCENE_QR_CODE" if phone.qr_scene else "ADD_SCENE_SEARCH",
            "qr_scene": int(phone.qr_scene) if phone.qr_scene.isdigit() else 0,
            "qr_scene_str": "" if phone.qr_scene.isdigit() else phone.qr_scene,
        }
        # unionid is simply absent without an Open Platform account [S66].
        return answer({**info, "unionid": phone.unionid} if phone.unionid else info)

    async def user_list(self, request: web.Request) -> web.Response:
        """Followers, 10,000 a page [S66]."""
        openids = [each.openid for each in self.world.phones.values() if each.followed]
        start = request.query.get("next_openid", "")
        first = openids.index(start) + 1 if start in openids else 0
        page = openids[first : first + 10_000]
        payload: Content = {"total": len(openids), "count": len(page)}
        if page:
            payload["data"] = {"openid": page}
        payload["next_openid"] = page[-1] if page else ""
        return answer(payload)

    async def upload(self, request: web.Request) -> web.Response:
        """Temporary media: three days, reusable [S62]."""
        kind = request.query.get("type", "")
        media = await read_upload(request, self.world, kind, Channel.OFFICIAL)
        media_id = self.world.word(64)
        self.world.media[f"official:{media_id}"] = media
        created = int(self.world.clock.now())
        return answer({"type": kind, "media_id": media_id, "created_at": created})

    # the account itself ----------------------------------------------------------------------

    async def callback_ips(self, _request: web.Request) -> web.Response:
        """Addresses the pushes come from [S5]."""
        return answer({"ip_list": ["127.0.0.1"]})

    async def callback_check(self, request: web.Request) -> web.Response:
        """Connectivity check of the callback address [S5]."""
        body = await self._body(request)
        if body.get("action") not in ("dns", "ping", "all"):
            raise RefusedError(40035, "invalid action")
        return answer({"dns": [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}], "ping": []})

    async def clear_quota(self, request: web.Request) -> web.Response:
        """Ten a month, then 48006 [S59]."""
        body = await self._body(request)
        if body.get("appid") != self.world.official.appid:
            raise RefusedError(40013, "invalid appid")
        self.quotas.clear()
        return done()

    async def quota_get(self, request: web.Request) -> web.Response:
        """The day's use of one API; the path starts with a slash, without host [S8]."""
        body = await self._body(request)
        path = str(body.get("cgi_path", ""))
        if not path.startswith("/"):
            raise RefusedError(76003, "cgi_path not found, please check")
        return done(quota=self.quotas.report(path))

    # web sign-in ---------------------------------------------------------------------------

    async def web_token(self, request: web.Request) -> web.Response:
        """code → openid; the answer comes as text/plain [S54]."""
        query, account = request.query, self.world.official
        if account.kind is not AccountKind.SERVICE_VERIFIED:
            raise RefusedError(48001, "api unauthorized")
        if query.get("appid") != account.appid:
            raise RefusedError(40013, "invalid appid")
        if query.get("secret") != account.secret:
            raise RefusedError(40125, "invalid appsecret")
        if query.get("grant_type") != "authorization_code":
            raise RefusedError(40002, "invalid grant_type")
        phone, code = redeem(self.world, Channel.OFFICIAL, query.get("code"))
        payload: Content = {
            "access_token": self.world.word(107),
            "expires_in": int(LIFE),
            "refresh_token": self.world.word(107),
            "openid": phone.openid,
            "scope": code.scope,
        }
        if phone.unionid:
            payload["unionid"] = phone.unionid
        response = answer(payload)
        response.content_type = "text/plain"
        return response

    async def _body(self, request: web.Request) -> Content:
        refused = self.world.switches.official_refuses_escapes
        return await json_body(request, 47001, escapes_refused=refused)


def _scene(action: object, scene: dict[str, Any]) -> str:
    number, text = scene.get("scene_id"), scene.get("scene_str")
    match action:
        case "QR_SCENE" if isinstance(number, int) and 1 <= number < 2**32:
            return str(number)
        case "QR_LIMIT_SCENE" if isinstance(number, int) and 1 <= number <= 100_000:
            return str(number)
        case "QR_STR_SCENE" | "QR_LIMIT_STR_SCENE" if (
            isinstance(text, str) and 1 <= len(text) <= 64
        ):
            return text
        case _:
            raise RefusedError(40035, "invalid action_name or scene")
