"""The Official Account's owner's calls: menu and parametric codes, each refusal in words."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from lianbot.channels.calls import TokenCalls, scrub
from lianbot.channels.exchange import Answered, Exchange, Rejected
from lianbot.channels.official import errcodes
from lianbot.channels.tokens import NoTokenError
from lianbot.domain.menu import MenuButton
from lianbot.domain.messages import Refused
from lianbot.ports.account import AccountRefusedError

_CREATE: Final = "/cgi-bin/menu/create"
_GET: Final = "/cgi-bin/menu/get"
_CODE: Final = "/cgi-bin/qrcode/create"
_NO_MENU: Final = 46003
_LONGEST: Final = timedelta(seconds=2_592_000)


class OfficialDesk:
    """ports.account.AccountDesk over the platform's API."""

    def __init__(self, calls: TokenCalls) -> None:
        self._calls = calls

    async def put_menu(self, menu: Sequence[MenuButton]) -> None:
        # no `matchrule`: a menu by tag would show who belongs to which group
        body = {"button": [_wire(one) for one in menu]}
        await self._ask("推菜单", _CREATE, body)

    async def menu(self) -> tuple[MenuButton, ...]:
        answer = await self._ask("读菜单", _GET, None, but=_NO_MENU)
        found = answer.get("menu")
        buttons = found.get("button") if isinstance(found, dict) else None
        return tuple(_read(one) for one in buttons or () if isinstance(one, dict))

    async def scene_code(self, scene: str, life: timedelta | None) -> str:
        body: dict[str, Any] = {"action_info": {"scene": {"scene_str": scene}}}
        body["action_name"] = "QR_LIMIT_STR_SCENE" if life is None else "QR_STR_SCENE"
        if life is not None:
            body["expire_seconds"] = int(min(life, _LONGEST).total_seconds())
        answer = await self._ask("要二维码", _CODE, body)
        url = answer.get("url")
        if not isinstance(url, str) or not url:
            raise AccountRefusedError("要二维码：平台的回答里没有地址，请稍后再试")
        return url

    async def _ask(
        self, what: str, path: str, body: Mapping[str, Any] | None, *, but: int | None = None
    ) -> Mapping[str, Any]:
        """The answer's fields; `but` is a refusal that only means: nothing there."""
        try:
            if body is None:
                exchange, token = await self._calls.get(path, {})
            else:
                # raw UTF-8: escapes are shown as they are in a menu
                raw = json.dumps(body, ensure_ascii=False).encode()
                exchange, token = await self._calls.post(path, raw)
        except NoTokenError as error:
            raise AccountRefusedError(f"{what}：{_no_token(error)}") from error
        return _fields(what, exchange, token, but)


def _fields(what: str, exchange: Exchange, token: str, but: int | None) -> Mapping[str, Any]:
    match exchange:
        case Answered(errcode=None | 0):
            return exchange.data
        case Answered(errcode=errcode) if errcode == but:
            return {}
        case Answered(errcode=errcode):
            said = scrub(exchange.field("errmsg"), token)
            meaning = errcodes.meaning_of(errcode or 0)
            raise AccountRefusedError(f"{what}：平台不认 {errcode}（{meaning}；平台原话 {said}）")
        case Rejected(status=status):
            raise AccountRefusedError(
                f"{what}：HTTP {status}，请核对 LIANBOT_OFFICIAL_API_BASE 和中间的代理"
            )
        case _:
            raise AccountRefusedError(f"{what}：平台没有回应（{exchange.detail}），请稍后再试")


def _no_token(error: NoTokenError) -> str:
    outcome = error.outcome
    mend = "核对 LIANBOT_OFFICIAL_APPID、LIANBOT_OFFICIAL_SECRET 和后台的 IP 白名单"
    code = f"{outcome.errcode} " if isinstance(outcome, Refused) else ""
    return f"拿不到令牌（{code}{outcome.detail}），{mend}"


def _wire(button: MenuButton) -> dict[str, Any]:
    if button.below:
        return {"name": button.name, "sub_button": [_wire(one) for one in button.below]}
    if button.url:
        return {"type": "view", "name": button.name, "url": button.url}
    return {"type": "click", "name": button.name, "key": button.key}


def _read(button: Mapping[str, Any]) -> MenuButton:
    below = button.get("sub_button") or ()
    if isinstance(below, dict):
        below = below.get("list") or ()
    return MenuButton(
        name=str(button.get("name", "")),
        key=str(button.get("key", "")),
        url=str(button.get("url", "")),
        below=tuple(_read(one) for one in below if isinstance(one, dict)),
    )
