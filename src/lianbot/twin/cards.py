"""WeCom template cards: what may be sent, which codes allow an update, what an update changes."""

from __future__ import annotations

import re

from lianbot.twin.answers import RefusedError
from lianbot.twin.cardbook import UpdateCode
from lianbot.twin.phones import Bubble, Content, Phone
from lianbot.twin.world import World, as_object

KINDS = frozenset(
    {
        "text_notice",
        "news_notice",
        "button_interaction",
        "vote_interaction",
        "multiple_interaction",
    }
)
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_LIST_LIMITS = {
    "horizontal_content_list": 6,
    "jump_list": 3,
    "vertical_content_list": 4,
    "button_list": 6,
    "select_list": 3,
}


def check_card(card: Content, world: World) -> None:
    """Refuse what §C4 does not allow [S73][S74]."""
    kind = str(card.get("card_type"))
    if kind not in KINDS:
        raise RefusedError(40058, f"template_card.card_type {kind!r} not valid")
    _check_lists(card)
    _check_texts(card, kind)
    if kind in INTERACTIVE or card.get("action_menu"):
        _check_task_id(card, world)
    if kind in INTERACTIVE and not world.wecom.callback_url:
        # An app without a callback may not send cards that answer back [S74][S75].
        code = world.switches.no_callback_card_errcode
        raise RefusedError(code, "template_card needs the app's callback url")


def check_replacement(card: Content) -> None:
    """The looser check of a card that replaces another one in place."""
    kind = str(card.get("card_type"))
    if kind not in KINDS:
        raise RefusedError(40058, f"template_card.card_type {kind!r} not valid")
    _check_lists(card)


def _check_lists(card: Content) -> None:
    for name, limit in _LIST_LIMITS.items():
        items = card.get(name, [])
        if not isinstance(items, list) or len(items) > limit:
            raise RefusedError(40058, f"template_card.{name}: at most {limit} entries")
    if card["card_type"] == "button_interaction":
        _check_buttons(card.get("button_list", []))
    options = as_object(card.get("checkbox")).get("option_list")
    count = len(options) if isinstance(options, list) else 0
    if card["card_type"] == "vote_interaction" and not 1 <= count <= 20:
        raise RefusedError(40058, "template_card.checkbox.option_list: 1 to 20 options")


def _check_buttons(buttons: list[Content]) -> None:
    if not buttons:
        raise RefusedError(40058, "template_card.button_list missing")
    keys: list[str] = []
    for button in buttons:
        if not as_object(button).get("text"):
            raise RefusedError(40058, "template_card.button_list.text missing")
        if button.get("type", 0) == 1:
            if not button.get("url"):
                raise RefusedError(40058, "template_card.button_list.url missing")
            continue
        keys.append(str(button.get("key", "")))
    if len(set(keys)) < len(keys) or not all(1 <= len(key.encode()) <= 1024 for key in keys):
        raise RefusedError(40058, "template_card.button_list.key: unique, 1 to 1024 bytes")


def _check_texts(card: Content, kind: str) -> None:
    title = as_object(card.get("main_title")).get("title")
    if not title and not card.get("sub_title_text"):
        raise RefusedError(40058, "template_card.main_title.title missing")
    if kind in {"text_notice", "news_notice"}:
        action = as_object(card.get("card_action"))
        if action.get("type") not in (1, 2):
            raise RefusedError(40058, "template_card.card_action missing")
        if action["type"] == 1 and not action.get("url"):
            raise RefusedError(40058, "template_card.card_action.url missing")


def _check_task_id(card: Content, world: World) -> None:
    task_id = card.get("task_id")
    if not isinstance(task_id, str) or not _TASK_ID.fullmatch(task_id):
        raise RefusedError(40058, "template_card.task_id: [0-9A-Za-z_@-], 1 to 128 bytes")
    if task_id in world.cards.task_ids:
        code = world.switches.duplicate_task_id_errcode
        raise RefusedError(code, f"template_card.task_id {task_id} used before")
    world.cards.task_ids.add(task_id)


def apply_update(world: World, lines: list[tuple[Phone, Bubble]], change: Content) -> None:
    """Grey the buttons (`replace_name`) or put another card in place."""
    for phone, bubble in lines:
        if "replace_name" in change:
            bubble.replaced = str(change["replace_name"])
        else:
            bubble.content = {"msgtype": "template_card", "template_card": change["template_card"]}
            bubble.replaced = str(change["template_card"].get("replace_text", ""))
        world.touch(phone)


def use_code(world: World, code: object) -> UpdateCode:
    """The update this code allows; a used, expired or foreign one is refused."""
    found = world.cards.codes.get(code) if isinstance(code, str) else None
    if found is None or found.used or found.expires <= world.clock.now():
        errcode = world.switches.used_response_code_errcode
        raise RefusedError(errcode, "response_code not valid, used or expired")
    return found
