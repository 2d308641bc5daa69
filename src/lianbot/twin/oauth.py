"""Web sign-in on both platforms: who is browsing, single-use codes, trusted domains."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from lianbot.twin.answers import RefusedError
from lianbot.twin.phones import Channel, Client, Phone
from lianbot.twin.wording import OPEN_IN_WECHAT
from lianbot.twin.world import OauthCode, World

COOKIE = "twin_phone"
COOKIE_SECONDS = 300
_CODE_LIFE = 300.0  # five minutes, single use [S86][S94]
_STATE = re.compile(r"[0-9A-Za-z]{0,128}")


class Browsing:
    """Ties a browser to a phone by a signed cookie, as WeChat's own browser is tied to one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._key = world.dice.randbytes(32)

    def cookie_for(self, phone: Phone) -> str:
        """The cookie's value."""
        raw = phone.id.encode().hex()
        return f"{raw}.{self._sign(raw)}"

    def phone_of(self, request: web.Request) -> Phone | None:
        """The phone this request comes from."""
        raw, _, sign = request.cookies.get(COOKIE, "").partition(".")
        if not raw or not hmac.compare_digest(sign, self._sign(raw)):
            return None
        try:
            return self.world.phones.get(bytes.fromhex(raw).decode())
        except ValueError:
            return None

    def _sign(self, raw: str) -> str:
        return hmac.new(self._key, raw.encode(), hashlib.sha256).hexdigest()[:32]


class OauthPages:
    """`/connect/oauth2/authorize` of both platforms."""

    def __init__(self, world: World, browsing: Browsing) -> None:
        self.world = world
        self.browsing = browsing

    async def wecom(self, request: web.Request) -> web.StreamResponse:
        """WeCom: appid is the corp id; state letters and digits, at most 128 [S86]."""
        query = request.query
        if query.get("appid") != self.world.wecom.corp_id:
            return _page("参数错误：appid 不是本企业 (40013)")
        if not _STATE.fullmatch(query.get("state", "")):
            return _page("参数错误：state 只能是字母和数字，不超过 128 个 (84025)")
        return self._redirect(request, Channel.WECOM, self.world.wecom.oauth_domain)

    async def official(self, request: web.Request) -> web.StreamResponse:
        """Official Account: exact host of the 网页授权域名 [S54]."""
        if request.query.get("appid") != self.world.official.appid:
            return _page("参数错误：appid 不正确 (10013)")
        return self._redirect(request, Channel.OFFICIAL, self.world.official.oauth_domain)

    def _redirect(self, request: web.Request, channel: Channel, domain: str) -> web.Response:
        query = request.query
        target = query.get("redirect_uri", "")
        parts = urlsplit(target)
        if query.get("response_type") != "code" or parts.scheme not in {"http", "https"}:
            return _page("参数错误：response_type 或 redirect_uri")
        if domain and parts.netloc != domain:
            # The host must be the registered one, sub-domains do not count [S54].
            return _page("redirect_uri 域名与后台配置不一致 (50001)")
        phone = self.browsing.phone_of(request)
        if phone is None:
            return _page(OPEN_IN_WECHAT)
        code = self.world.word(43)
        expires = self.world.clock.now() + _CODE_LIFE
        scope = query.get("scope", "snsapi_base")
        self.world.codes[code] = OauthCode(channel, phone.id, scope, expires)
        extra = {"code": code, "state": query.get("state", "")}
        found = parse_qsl(parts.query, keep_blank_values=True)
        kept = [(name, value) for name, value in found if name not in extra]
        address = urlunsplit(parts._replace(query=urlencode([*kept, *extra.items()])))
        return web.Response(status=302, headers={"Location": address})


def _page(text: str) -> web.Response:
    return web.Response(
        text=f'<!doctype html><meta charset="utf-8"><title>提示</title><p>{text}</p>',
        content_type="text/html",
    )


def redeem(world: World, channel: Channel, code: str | None) -> tuple[Phone, OauthCode]:
    """The person behind a code, once; wrong, used and late codes are refused.

    WeCom answers 40029 for all three; the Official Account tells used (40163) and late (42003).
    """
    if not code:
        raise RefusedError(41008, "code missing")
    found = world.codes.get(code)
    phone = world.phones.get(found.phone_id) if found else None
    if found is None or phone is None or found.channel is not channel:
        raise RefusedError(40029, "invalid code")
    if found.used:
        raise RefusedError(40163 if channel is Channel.OFFICIAL else 40029, "code been used")
    if found.expires <= world.clock.now():
        raise RefusedError(42003 if channel is Channel.OFFICIAL else 40029, "code expired")
    found.used = True
    return phone, found


def is_member(phone: Phone) -> bool:
    """Members are told by userid, others by openid, whatever the app's visibility [S86]."""
    return phone.client is not Client.NONE
