"""The calls of WeCom's API that lianbot makes, each with a defined outcome for every fault."""

import json
from collections.abc import Sequence
from typing import Any, Final

import aiohttp

from lianbot.channels.calls import TokenCalls, scrub
from lianbot.channels.exchange import Answered, Exchange, Exchanger, Rejected
from lianbot.channels.media import MediaIds, NotUploadedError, multipart
from lianbot.channels.tokens import NoTokenError
from lianbot.channels.wecom import errcodes
from lianbot.channels.wecom.account import WeComAccount
from lianbot.channels.wecom.token import token_keeper
from lianbot.domain.enclosures import MediaFile
from lianbot.domain.messages import (
    Accepted,
    NoAnswer,
    NotSent,
    Refused,
    SendAction,
    SendOutcome,
)
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import CodeRejectedError, PlatformSilentError
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import TokenShelf

_SEND: Final = "/cgi-bin/message/send"
_UPDATE: Final = "/cgi-bin/message/update_template_card"
_UPLOAD: Final = "/cgi-bin/media/upload"
_RECALL: Final = "/cgi-bin/message/recall"
_WHO: Final = "/cgi-bin/auth/getuserinfo"


class WeComClient:
    """Speaks to the platform for one app. Tokens stay inside: no outcome and no exception carries one."""

    def __init__(
        self,
        account: WeComAccount,
        *,
        session: aiohttp.ClientSession,
        shelf: TokenShelf,
        clock: Clock,
    ) -> None:
        exchanger = Exchanger(
            session, account.api_base, total=account.timeout, connect=account.connect_timeout
        )
        tokens = token_keeper(account, exchanger=exchanger, shelf=shelf, clock=clock)
        self._secret = account.secret
        self._account = account
        self._media = MediaIds(account=account.corp_id, shelf=shelf, clock=clock)
        self._calls = TokenCalls(ChannelKind.WECOM, exchanger, tokens)

    async def send(self, body: bytes) -> SendOutcome:
        """Hand over one body for one worker; never repeated but after a token refresh."""
        outcome, left_out = await self._hand_over(body)
        return _for_one(outcome, left_out, _addressee(body)) if left_out else outcome

    async def send_to(self, body: bytes, accounts: Sequence[str]) -> Sequence[SendOutcome]:
        """Hand over one body for all of `accounts`: what came of it for each."""
        outcome, left_out = await self._hand_over(body)
        return [_for_one(outcome, left_out, one) for one in accounts]

    async def _hand_over(
        self, body: bytes, path: str = _SEND
    ) -> tuple[SendOutcome, dict[str, Refused]]:
        """What came of the call, and who got nothing although it went well."""
        try:
            exchange, token = await self._calls.post(path, body)
        except NoTokenError as error:
            return error.outcome, {}
        match exchange:
            case Answered():
                outcome = self._sent(exchange, token)
                return outcome, _left_out(exchange) if isinstance(outcome, Accepted) else {}
            case Rejected(status=status):
                refused = Refused(
                    errcode=status, action=SendAction.CONFIG, detail=f"HTTP {status}"
                )
                return refused, {}
            case _:
                return exchange, {}

    async def update_card(self, account: str, code: str, label: str) -> SendOutcome:
        """Grey the buttons of one worker's card; the code works once and for 72 hours [S79]."""
        body = {
            # an array here, a string with pipes in message/send [S79][S67]
            "userids": [account],
            "agentid": self._account.agent_id,
            "response_code": code,
            "button": {"replace_name": label},
        }
        try:
            exchange, token = await self._calls.post(_UPDATE, _raw(body))
        except NoTokenError as error:
            return error.outcome
        if isinstance(exchange, Answered) and exchange.errcode == errcodes.OK:
            return Accepted(platform_id="")
        return self._not_done(exchange, token)

    async def enclose(self, file: MediaFile, accounts: Sequence[str]) -> dict[str, SendOutcome]:
        """One picture or voice to many, the outcome for each of them.

        The platform may forget an upload early: then once more with a fresh one, and it is as it is.
        """
        stale: str | None = None
        for last in (False, True):
            try:
                media_id = await self._media.of(file, lambda: self._upload(file), stale=stale)
            except NotUploadedError as error:
                return dict.fromkeys(accounts, error.outcome)
            outcomes = await self.send_to(self._enclosed(file, media_id, accounts), accounts)
            if last or not all(_is_gone(one) for one in outcomes):
                return dict(zip(accounts, outcomes, strict=True))
            stale = media_id
        raise AssertionError("unreachable")

    def _enclosed(self, file: MediaFile, media_id: str, accounts: Sequence[str]) -> bytes:
        return _raw(
            {
                "touser": "|".join(accounts),
                "msgtype": file.kind.value,
                "agentid": self._account.agent_id,
                file.kind.value: {"media_id": media_id},
                "safe": 0,
                "enable_duplicate_check": 1,
                "duplicate_check_interval": self._account.duplicate_check_interval,
            }
        )

    async def _upload(self, file: MediaFile) -> str:
        body, content_type = multipart(file)
        try:
            exchange, token = await self._calls.upload(
                _UPLOAD, {"type": file.kind.value}, body, content_type
            )
        except NoTokenError as error:
            raise NotUploadedError(error.outcome) from None
        match exchange:
            case Answered(errcode=errcodes.OK | None, data={"media_id": str(media_id)}) if (
                media_id
            ):
                return media_id
            case _:
                outcome = self._not_done(exchange, token)
                if isinstance(outcome, NoAnswer):
                    # one that may have worked is made again: a second copy on the platform harms nobody
                    outcome = NotSent(detail=f"upload: {outcome.detail}")
                raise NotUploadedError(outcome)

    def _not_done(self, exchange: Exchange, token: str) -> Refused | NoAnswer | NotSent:
        """What an exchange that brought no errcode 0 means."""
        match exchange:
            case Rejected(status=status):
                return Refused(errcode=status, action=SendAction.CONFIG, detail=f"HTTP {status}")
            case NoAnswer() | NotSent():
                return exchange
            case Answered(errcode=errcode):
                errmsg = scrub(exchange.field("errmsg"), token, self._secret)
                if not errcode or errcode == errcodes.BUSY:
                    return NoAnswer(detail=f"{errcode} {errmsg}")
                action = errcodes.action_for(errcode)
                return Refused(errcode=errcode, action=action, detail=errmsg)

    async def recall(self, msgid: str) -> SendOutcome:
        """Take back a message of this app, for everybody it went to [S80]."""
        outcome, _ = await self._hand_over(_raw({"msgid": msgid}), _RECALL)
        return outcome

    async def member(self, code: str) -> str | None:
        """The userid behind an OAuth code, None for somebody outside the corp [S86][S94].

        Raises CodeRejectedError, PlatformSilentError.
        """
        try:
            exchange, token = await self._calls.get(_WHO, {"code": code})
        except NoTokenError as error:
            raise PlatformSilentError(error.outcome.detail) from None
        match exchange:
            case Answered(errcode=errcodes.OK):
                return exchange.field("userid") or exchange.field("UserId") or None
            case Answered(errcode=int(errcode)):
                if errcodes.action_for(errcode) is SendAction.OAUTH_RESTART:
                    raise CodeRejectedError(str(errcode))
                errmsg = scrub(exchange.field("errmsg"), token, code, self._secret)
                raise PlatformSilentError(f"{errcode} {errmsg}")
            case Answered():
                raise PlatformSilentError("no errcode")
            case Rejected(status=status):
                raise PlatformSilentError(f"HTTP {status}")
            case _:
                raise PlatformSilentError(exchange.detail)

    def _sent(self, answer: Answered, token: str) -> SendOutcome:
        errmsg = scrub(answer.field("errmsg"), token, self._secret)
        match answer.errcode:
            case None:
                return NoAnswer(detail="HTTP 200, no errcode")
            case errcodes.BUSY:
                # the message may have gone out all the same; the caller's repeat is the identical body
                return NoAnswer(detail=f"-1 {errmsg}")
            case errcodes.OK:
                return Accepted(
                    platform_id=answer.field("msgid"), reply_code=answer.field("response_code")
                )
            case errcode:
                action = errcodes.action_for(errcode)
                return Refused(errcode=errcode, action=action, detail=errmsg)


def _raw(body: dict[str, Any]) -> bytes:
    # raw UTF-8: escapes are refused with 40033
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _is_gone(outcome: SendOutcome) -> bool:
    return isinstance(outcome, Refused) and outcome.errcode == errcodes.MEDIA_GONE


def _left_out(answer: Answered) -> dict[str, Refused]:
    """errcode 0 is no success for workers whom the answer lists as invalid; ids come back lower-cased [S67]."""
    found: dict[str, Refused] = {}
    for name, errcode in (
        ("unlicenseduser", errcodes.NOT_LICENSED),
        ("invaliduser", errcodes.NOBODY_VALID),
    ):
        if listed := answer.field(name):
            refused = Refused(
                errcode=errcode,
                action=errcodes.action_for(errcode),
                detail=f"errcode 0, {name}",
            )
            found |= dict.fromkeys(listed.casefold().split("|"), refused)
    return found


def _for_one(outcome: SendOutcome, left_out: dict[str, Refused], account: str) -> SendOutcome:
    return left_out.get(account.casefold(), outcome)


def _addressee(body: bytes) -> str:
    message: dict[str, Any] = json.loads(body)
    return str(message.get("touser", ""))
