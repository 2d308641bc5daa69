"""What a program with wechatpy's own client does: 100 threads, one blocking call each, nothing stored."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from requests.adapters import HTTPAdapter  # noqa: TID251 - the client that is measured
from wechatpy.enterprise import WeChatClient

from bench.bare_push import card, used_cpu
from bench.calls import CORP, SECRET
from bench.children import run_errands


class BlockingClient:
    """One client shared by all threads, as its users have it."""

    async def push(self, base: str, count: int, width: int) -> dict[str, Any]:
        return await asyncio.to_thread(self._push, base, count, width)

    def _push(self, base: str, count: int, width: int) -> dict[str, Any]:
        client: Any = WeChatClient(CORP, SECRET)
        client.API_BASE_URL = f"{base}/cgi-bin/"
        # its own session, with a connection for every thread instead of ten
        client._http.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=width))
        # it asks for tokens at the platform's own address only
        query = {"corpid": CORP, "corpsecret": SECRET}
        answer = client._http.get(f"{base}/cgi-bin/gettoken", params=query).json()
        client.session.set(client.access_token_key, answer["access_token"])
        client.expires_at = int(time.time()) + answer["expires_in"]  # noqa: TID251 - its own
        messages = deque(card(f"blocking-{time.monotonic_ns()}-{n}", n) for n in range(count))

        def work() -> int:
            accepted = 0
            while True:
                try:
                    message = messages.popleft()
                except IndexError:
                    return accepted
                answer = client.post("message/send", data=message)
                accepted += answer["errcode"] == 0 and not answer.get("invaliduser")

        started, cpu = time.perf_counter(), used_cpu()
        with ThreadPoolExecutor(width) as pool:
            accepted = sum(one.result() for one in [pool.submit(work) for _ in range(width)])
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "cpu": used_cpu() - cpu, "accepted": accepted}


if __name__ == "__main__":
    asyncio.run(run_errands({"push": BlockingClient().push}))
