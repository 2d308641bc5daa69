"""One HTTP exchange with a platform and what is known afterwards: answered, certainly not sent, or unknown."""

import json
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from yarl import URL

from lianbot.domain.messages import NoAnswer, NotSent

_OK: Final = 200
_SERVER_FAULTS: Final = 500
_REQUEST_TIMEOUT: Final = 408
_TOO_MANY: Final = 429
JSON: Final = "application/json; charset=utf-8"

# no connection was ever made (refused, DNS, TLS, connect timeout) or the address is no address
_NEVER_CONNECTED: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The platform's own JSON object. `errcode` is None where it is absent: some successes carry none."""

    errcode: int | None
    data: dict[str, Any]

    def field(self, name: str) -> str:
        """A text field, empty when absent or of another kind."""
        value = self.data.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A plain HTTP refusal (3xx, 4xx): a wrong path or a proxy in between; nothing was processed."""

    status: int


Exchange = Answered | Rejected | NoAnswer | NotSent


class Exchanger:
    """Calls one platform; holds the session, the address and the time limits."""

    def __init__(
        self, session: aiohttp.ClientSession, base: str, *, total: float, connect: float
    ) -> None:
        self._session = session
        self._base = base.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=total, connect=connect)
        self._last: tuple[str, dict[str, str], URL] | None = None

    async def get(self, path: str, query: dict[str, str]) -> Exchange:
        return await self._call("GET", path, query, None)

    async def post(
        self, path: str, query: dict[str, str], body: bytes, content_type: str = JSON
    ) -> Exchange:
        return await self._call("POST", path, query, body, content_type)

    async def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: bytes | None,
        content_type: str = JSON,
    ) -> Exchange:
        try:
            async with self._session.request(
                method,
                self._address(path, query),
                data=body,
                headers={"Content-Type": content_type} if body is not None else None,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return read_answer(response.status, await response.read())
        # the exceptions' own texts carry the URL and with it the token: only their names go on
        except _NEVER_CONNECTED as error:
            return NotSent(detail=type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return NoAnswer(detail=type(error).__name__)

    def _address(self, path: str, query: dict[str, str]) -> URL:
        """A push asks for the same address thousands of times: the last one is kept, its query encoded."""
        last = self._last
        if last is None or last[0] != path or last[1] != query:
            try:
                url = URL(self._base + path).with_query(query)
            except ValueError as error:
                raise aiohttp.InvalidURL(self._base) from error
            last = self._last = (path, dict(query), url)
        return last[2]


def read_answer(status: int, body: bytes) -> Exchange:
    """What a status and a body say. Whatever is not the platform's JSON leaves it open whether it worked."""
    if status >= _SERVER_FAULTS or status == _REQUEST_TIMEOUT:
        return NoAnswer(detail=f"HTTP {status}")
    if status == _TOO_MANY:
        return NotSent(detail=f"HTTP {status}")
    if status != _OK:
        return Rejected(status=status)
    if not body.strip():
        return NoAnswer(detail="HTTP 200, empty body")
    return _read_json(body)


def _read_json(body: bytes) -> Exchange:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return NoAnswer(detail="HTTP 200, not JSON")
    if not isinstance(data, dict):
        return NoAnswer(detail="HTTP 200, not a JSON object")
    errcode = data.get("errcode")
    if errcode is not None and type(errcode) is not int:
        return NoAnswer(detail="HTTP 200, errcode is no number")
    return Answered(errcode=errcode, data=data)
