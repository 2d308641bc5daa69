"""The ceilings for callbacks: a bare aiohttp handler, and aiohttp + wechatpy that decrypts, parses and echoes."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from wechatpy import parse_message as parse_official
from wechatpy.crypto import WeChatCrypto as OfficialCrypto
from wechatpy.enterprise import parse_message
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.replies import TextReply
from wechatpy.replies import TextReply as OfficialReply
from wechatpy.utils import check_signature

from bench.calls import AES_KEY, APPID, CORP, OFFICIAL_PATH, PATH, TOKEN
from bench.figures import say


async def bare(request: web.Request) -> web.Response:
    """A constant answer after the body was read."""
    await request.read()
    return web.Response(text="success")


def echo() -> Callable[[web.Request], Awaitable[web.Response]]:
    """What a short example with wechatpy does: no guards, no roster, no repeats, no understanding."""
    crypto = WeChatCrypto(TOKEN, AES_KEY, CORP)

    async def answer(request: web.Request) -> web.Response:
        query = request.query
        nonce, timestamp = query["nonce"], query["timestamp"]
        body = await request.read()
        message = parse_message(
            crypto.decrypt_message(body, query["msg_signature"], timestamp, nonce)
        )
        reply = TextReply(content=message.content, message=message)
        sealed = crypto.encrypt_message(reply.render(), nonce, timestamp)
        return web.Response(text=sealed, content_type="application/xml")

    return answer


def official_echo(*, sealed: bool) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The same for the Official Account: plain, or decrypted and encrypted again."""
    crypto = OfficialCrypto(TOKEN, AES_KEY, APPID)

    async def answer(request: web.Request) -> web.Response:
        query = request.query
        nonce, timestamp = query["nonce"], query["timestamp"]
        body: Any = await request.read()
        if sealed:
            body = crypto.decrypt_message(body, query["msg_signature"], timestamp, nonce)
        else:
            check_signature(TOKEN, query["signature"], timestamp, nonce)
        message = parse_official(body)
        text = OfficialReply(content=message.content, message=message).render()
        if sealed:
            text = crypto.encrypt_message(text, nonce, timestamp)
        return web.Response(text=text, content_type="application/xml")

    return answer


KINDS = {
    "bare": lambda: bare,
    "echo": echo,
    "official": lambda: official_echo(sealed=False),
    "official-aes": lambda: official_echo(sealed=True),
}


async def serve(kind: str) -> None:
    app = web.Application()
    for path in (PATH, OFFICIAL_PATH):
        app.router.add_post(path, KINDS[kind]())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    say(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
