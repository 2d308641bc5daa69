"""The officer's Mondays. Every text is constant: it tells nothing of what lies in the box (anonymity reference §3.8)."""

DIGEST = "请查收信箱"
"""The whole message, every week, whatever the content."""
DIGEST_LINE = "请查收信箱。每个星期一都有这一句，有没有新件都一样。"
ESCALATION = "有办公室超过七天没有登记取信，请您催一下。控制台里有提醒。"


def not_fetched(fetched: str) -> str:
    return f"有办公室登记到 {fetched} 周为止，以后没有再登记取信"


NEVER_FETCHED = "有办公室从来没有登记过取信"


def something_waits(url: str) -> str:
    """Constant but for the school's own address: what waits is on the page, not in the chat."""
    return f"有内容或推送计划等您审批，点开看了再批：{url}"
