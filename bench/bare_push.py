"""The ceiling for pushes: an aiohttp loop that sends message after message and keeps nothing."""

import asyncio
import json
import resource
import time
from collections import deque
from typing import Any

import aiohttp

from bench.calls import AGENT, CORP, SECRET
from bench.children import run_errands
from bench.school import TEXT, account_of


class BareLoop:
    """One session; `width` coroutines take messages from one queue."""

    def __init__(self) -> None:
        self._serial = 0

    async def push(self, base: str, count: int, width: int) -> dict[str, Any]:
        connector = aiohttp.TCPConnector(limit=width)
        async with aiohttp.ClientSession(connector=connector) as session:
            query = {"corpid": CORP, "corpsecret": SECRET}
            async with session.get(f"{base}/cgi-bin/gettoken", params=query) as response:
                token = (await response.json())["access_token"]
            messages = deque(self._message(index) for index in range(count))
            started, cpu = time.perf_counter(), used_cpu()
            sent = await asyncio.gather(
                *(
                    _work(session, f"{base}/cgi-bin/message/send", token, messages)
                    for _ in range(width)
                )
            )
            seconds = time.perf_counter() - started
            return {"seconds": seconds, "cpu": used_cpu() - cpu, "accepted": sum(sent)}

    def _message(self, index: int) -> dict[str, Any]:
        self._serial += 1
        return card(f"bare-{self._serial}", index)


def card(task: str, index: int) -> dict[str, Any]:
    """The card that lianbot sends, as a dictionary; made into bytes when its turn comes."""
    url = "http://127.0.0.1:1/m/i/0be0c400-0000-4000-8000-000000000000"
    labels = ("懂了", "没看懂", "做不到", "找人讲")
    return {
        "touser": account_of(index),
        "msgtype": "template_card",
        "agentid": AGENT,
        "template_card": {
            "card_type": "button_interaction",
            "main_title": {"title": "先称再签"},
            "sub_title_text": TEXT,
            "task_id": task,
            "button_list": [{"text": text, "style": 1, "key": text} for text in labels],
            "card_action": {"type": 1, "url": url},
            "jump_list": [{"type": 1, "title": "看全文和一道题", "url": url}],
        },
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }


async def _work(
    session: aiohttp.ClientSession, url: str, token: str, messages: deque[dict[str, Any]]
) -> int:
    accepted = 0
    while messages:
        body = json.dumps(messages.popleft(), ensure_ascii=False).encode()
        async with session.post(url, params={"access_token": token}, data=body) as response:
            answer = await response.json(content_type=None)
            accepted += answer["errcode"] == 0 and not answer.get("invaliduser")
    return accepted


def used_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    asyncio.run(run_errands({"push": BareLoop().push}))
