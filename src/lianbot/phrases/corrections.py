"""The words of a correction notice."""

TAG = "更正"
TITLE_CHARS = 24
NOTICE_DECLINED = "这份更正没有批"


def title(about: str) -> str:
    return f"上次的“{about[:TITLE_CHARS]}”有错"


def text(about: str, wrong: str, right: str) -> str:
    return f"上次发的“{about[:TITLE_CHARS]}”，有一处说错了：{wrong}\n现在以这个为准：{right}\n给您添麻烦了。"
