"""更正: says what was wrong, to exactly those whom it may have reached (design §4, §5)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID, uuid4

from lianbot.domain.amendments import Amendment, AmendmentState, notice_item
from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.codes import Topic
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.items import Edition
from lianbot.domain.people import Account, Role
from lianbot.phrases import corrections as say
from lianbot.ports.clock import Clock
from lianbot.ports.control import AmendmentBook

WRONG_CHARS = 70
RIGHT_CHARS = 110
"""Together with the frame they stay below the 180 characters of a lesson."""

Press = Callable[[str, str, str, Topic, UUID, datetime], Awaitable[str]]
"""(item, title, text, topic, by, now) → the hash of an edition that awaits approval."""


class Corrections:
    """What console and command line do to correct a push."""

    def __init__(self, *, book: AmendmentBook, press: Press, clock: Clock) -> None:
        self._book = book
        self._press = press
        self._clock = clock

    async def ask(
        self,
        occurrence_id: UUID,
        account: Account,
        *,
        wrong: str,
        right: str,
        item: str = "",
        material: bool = True,
    ) -> Amendment:
        """A notice that waits for the approval of as many people as the campaign's chain has. `item` narrows it to one text and then goes to all
        who ever got that edition; without it it is about everything that this push said.

        Raises NotAllowedError, NotFoundError, InvalidInputError naming the field.
        """
        if not account.may(Role.EDITOR, Role.SCHEDULER):
            raise NotAllowedError(f"账号 {account.name} 没有编辑或推送管理员角色，不能写更正")
        wrong = _sentence("哪里错了", wrong, WRONG_CHARS)
        right = _sentence("正确的是", right, RIGHT_CHARS)
        push = await self._book.push(occurrence_id)
        if push.kind is OccurrenceKind.CORRECTION:
            raise InvalidInputError("这次推送", "本身就是更正；再错了就对原来那次再写一份更正")
        root = push.amends or push.reminds or push.id
        about = _about((await self._book.told(root)).sent, item)
        corrects = about.sha256 if item else None
        reached = (await self._book.told(root, corrects)).reached
        if reached == 0:
            raise InvalidInputError("更正", "还没有人收到过，停掉或暂停就行，不用更正")
        now = self._clock.now()
        amendment_id = uuid4()
        notice = await self._press(
            notice_item(amendment_id),
            say.title(about.title),
            say.text(about.title, wrong, right),
            about.topic,
            account.id,
            now,
        )
        amendment = Amendment(
            id=amendment_id,
            kind=OccurrenceKind.CORRECTION,
            campaign_id=push.campaign_id,
            amends=root,
            asked_by=account.id,
            asked_at=now,
            state=AmendmentState.ASKED,
            size=reached,
            note=wrong,
            notice=notice,
            corrects=corrects,
            material=material,
            steps=await self._book.chain(push.campaign_id, corrects),
        )
        await self._book.ask(amendment, now, open_now=False)
        return amendment


def _sentence(field: str, text: str, most: int) -> str:
    text = " ".join(text.split())
    if not text:
        raise InvalidInputError(field, "不能空着，员工要看得出错在哪里、现在以什么为准")
    if len(text) > most:
        raise InvalidInputError(field, f"最多 {most} 个字，现在 {len(text)} 个")
    return text


def _about(sent: tuple[Edition, ...], item: str) -> Edition:
    if item:
        found = next((one for one in sent if one.item == item), None)
        if found is None:
            known = "、".join(one.item for one in sent) or "没有"
            raise InvalidInputError(f"内容 {item}", f"这次推送里没有，有的是：{known}")
        return found
    if not sent:
        raise InvalidInputError("更正", "这次推送还没有排出内容")
    return sent[0]
