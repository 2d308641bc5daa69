"""The pilot walk rehearsed: three simulated phones, and a record that says what was seen and what was only said."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import typer

from fakes.house import Person, Stage
from fakes.pages import Page
from lianbot.cli.pilot import pilot_of, walk_phones
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ClientKind
from lianbot.flows.pilot import Pilot, Step, record
from lianbot.phrases import pilot as say
from lianbot.storage.pilot import SqlPilotBook

CARD = Person(account="card", name="王芳", client=ClientKind.WECOM)
PLAIN = Person(account="plain", name="李强", client=ClientKind.PLAIN)
NEW = Person(account="new", name="王小芳", phone="13900008866", wecom=False)
NUMBERS = ["LB-card", "LB-plain", "LB-new"]
SHOWN = {"card": say.CHOICES["push"][0], "plain": say.CHOICES["push"][2]}


@pytest.fixture
async def stage(staged):
    async with staged([CARD, PLAIN, NEW]) as stage:
        yield stage


@dataclass
class Hands:
    """Somebody who does what is asked, with the phones of the twin; `idle` are steps nobody does."""

    stage: Stage
    idle: frozenset[Step] = frozenset()
    step: Step = Step.BIND
    now_at: str = ""
    heard: list[str] = field(default_factory=list)

    async def tell(self, text: str) -> None:
        self.heard.append(text)
        self.step = next((one for one in Step if say.DO[one] == text), self.step)
        if text.startswith("——"):
            self.now_at = text.split("LB-")[1].split(" ")[0]
        if self.step in self.idle:
            return
        if text == say.DO[Step.PUSH]:
            await self.stage.push()
        elif text.startswith("——"):
            await self._do(self.now_at)

    async def _do(self, account: str) -> None:
        twin = self.stage.twin
        match self.step:
            case Step.BIND if account == "new":
                await twin.type_text("new", "绑定 LB-new 王小芳 8866")
                await twin.type_text("new", "是我")
            case Step.TAP:
                bubble = twin.received(account)[0]
                if bubble.kind == "template_card":
                    await twin.tap(account, bubble.id, "understood")
                else:
                    page = await Page.open(twin, account, await self.stage.page(account))
                    await page.press("/shown")
                    await page.answer(right=True)
            case Step.REPLY:
                await twin.type_text(account, "找人讲")
            case _:
                pass

    async def ask(self, question: str, choices: Sequence[str]) -> str | None:
        return SHOWN.get(self.now_at) if self.step is Step.PUSH else None


async def no_pause(_seconds: float) -> None:
    return None


def pilot(stage: Stage, hands: Hands, patience: timedelta = timedelta(0)) -> Pilot:
    return Pilot(
        book=SqlPilotBook(stage.house.database),
        clock=stage.house.clock,
        operator=hands,
        pause=no_pause,
        patience=patience,
        real=[],
    )


async def test_three_phones_go_the_whole_way_and_the_record_tells_it(stage):
    walk = await pilot(stage, Hands(stage)).walk(NUMBERS)
    assert walk.whole
    found = record(walk)
    assert found["note"] == say.REHEARSAL and found["real_platforms"] == []
    phones = {
        one["number"]: {step["step"]: step for step in one["steps"]} for one in found["phones"]
    }
    assert phones["LB-new"]["bind"]["seen"] == {"channels": ["wecom"]}
    assert [phones[number]["push"]["seen"]["state"] for number in NUMBERS] == ["accepted"] * 3
    assert [phones[number]["tap"]["seen"]["method"] for number in NUMBERS] == [
        "tap",
        "quiz",
        "quiz",
    ]
    assert [phones[number]["tap"]["seen"]["page_opened"] for number in NUMBERS] == [
        False,
        True,
        True,
    ]
    assert phones["LB-card"]["push"]["said"] == say.CHOICES["push"][0]
    assert phones["LB-new"]["push"]["said"] == say.NOT_SAID
    assert phones["LB-card"]["reply"]["seen"]["method"] == "reply"
    text = json.dumps(found, ensure_ascii=False)
    assert "王芳" not in text and "8866" not in text


@pytest.mark.parametrize("idle", list(Step))
async def test_a_step_that_nobody_did_is_written_as_not_done(stage, idle):
    hands = Hands(stage, idle=frozenset(list(Step)[list(Step).index(idle) :]))
    walk = await pilot(stage, hands).walk(NUMBERS)
    assert not walk.whole
    missing = [one for phone in walk.phones for one in phone.steps if not one.happened]
    assert {one.step for one in missing} == {
        one for one in hands.idle if one is not Step.BIND or idle is Step.BIND
    }
    assert all(one.facts == {} and one.seconds is None for one in missing)


async def test_two_phones_are_not_the_whole_pilot(stage):
    assert not (await pilot(stage, Hands(stage)).walk(NUMBERS[:2])).whole


async def test_a_number_nobody_has_is_named_before_anything_is_asked(stage):
    hands = Hands(stage)
    with pytest.raises(InvalidInputError, match="LB-none"):
        await pilot(stage, hands).walk(["LB-card", "LB-none"])
    assert hands.heard == []


async def test_the_command_makes_the_same_walk_over_a_house(stage):
    made = pilot_of(stage.house, Hands(stage), timedelta(0))
    assert (await made.walk(NUMBERS)).whole


@pytest.mark.parametrize("numbers", [[], ["a", "a"], ["a", "b", "c", "d"]])
def test_the_command_wants_one_to_three_different_numbers(numbers, tmp_path):
    with pytest.raises(typer.Exit) as caught:
        walk_phones(numbers, 1, tmp_path / "pilot.json")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "pilot.json").exists()


def test_a_record_is_never_written_over(tmp_path):
    (tmp_path / "pilot.json").write_text("{}")
    with pytest.raises(typer.Exit) as caught:
        walk_phones(["a"], 1, tmp_path / "pilot.json")
    assert caught.value.exit_code == 3
    assert (tmp_path / "pilot.json").read_text() == "{}"
