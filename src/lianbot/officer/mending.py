"""From concern to mend: an item or a lesson in the officer's own words, and only above the floor."""

from dataclasses import dataclass
from datetime import date

from lianbot.officer.book import Book
from lianbot.officer.casework import Case

ALIKE = 3
OLD_DAYS = 60
SMALLEST_UNIT = 5
COPIED = 8


class FloorError(ValueError):
    """The proposal would point at somebody; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What leaves the officer's tool: no case number, no day, no category, no word of the reporter."""

    kind: str
    text: str
    floor: str
    unit: str = ""

    def record(self) -> dict[str, object]:
        """For the console's rectification list or the editor's desk."""
        return {
            "v": 1,
            "kind": self.kind,
            "text": self.text,
            "unit": self.unit,
            # the console looks at it and forgets it
            "floor": self.floor,
        }


def propose(
    book: Book, case: Case, kind: str, text: str, today: date, *, unit: str = "", people: int = 0
) -> Proposal:
    """A rectification item or a lesson; FloorError below 3 alike and less than 60 days after the letter was opened."""
    if kind not in {"rectify", "lesson"}:
        raise FloorError("只能提整改事项（rectify）或课的建议（lesson）")
    alike = sum(one.category == case.category for one in book.cases)
    # from the day the letter was opened: the day inside is the reporter's word, and any page can write an old one
    age = (today - date.fromisoformat(case.opened)).days
    if alike < ALIKE and age < OLD_DAYS:
        raise FloorError(
            f"同类只有 {alike} 件、打开才过 {age} 天；要同类满 {ALIKE} 件，或打开满 {OLD_DAYS} 天，免得被人对上号"
        )
    if unit and people < SMALLEST_UNIT:
        raise FloorError(f"不能点名不到 {SMALLEST_UNIT} 个人的单位")
    if not text.strip():
        raise FloorError("请用自己的话写")
    for letter in case.letters:
        if (same := _copied(text, letter.text)) is not None:
            raise FloorError(f"这几个字是来件里的原话：“{same}”；请换成自己的话")
    floor = "alike" if alike >= ALIKE else "old"
    return Proposal(kind=kind, text=text.strip(), floor=floor, unit=unit)


def _copied(own: str, letter: str) -> str | None:
    """A run of eight signs that stands in both."""
    own, letter = "".join(own.split()), "".join(letter.split())
    runs = (own[at : at + COPIED] for at in range(len(own) - COPIED + 1))
    return next((run for run in runs if run in letter), None)
