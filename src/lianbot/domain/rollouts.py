"""分批: a push goes to a few first, and to more only when those went well (design §4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lianbot.domain.errors import InvalidInputError

MOST_STAGES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """How careful stages are, for every push of the house.

    `rest` between two stages: long enough for somebody who got it to ring up and say what is wrong with it.
    `bad_percent` of those let go so far whose hand-over may fail before the push is stopped.
    """

    rest: timedelta = timedelta(minutes=10)
    bad_percent: int = 20

    def allowed_to_fail(self, let_go: int) -> int:
        """At least one: of five people one without an account must not stop a school."""
        return max(1, let_go * self.bad_percent // 100)


USUAL = Caution()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How many have it when this stage is out: a count, or per cent of everybody."""

    size: int
    percent: bool = False

    def target(self, total: int) -> int:
        """At least one: a stage of nobody would say nothing."""
        wanted = -(-total * self.size // 100) if self.percent else self.size
        return max(1, min(wanted, total))

    def __str__(self) -> str:
        return f"{self.size}%" if self.percent else str(self.size)


def read_stages(text: str) -> tuple[Stage, ...]:
    """`5,50` or `5%,30%`: everybody is always the last one. Raises InvalidInputError."""
    words = [word.strip() for word in text.replace("，", ",").split(",") if word.strip()]
    stages = tuple(_stage(word) for word in words)
    if len(stages) > MOST_STAGES:
        raise InvalidInputError("分批", f"最多 {MOST_STAGES} 批，最后总是全部")
    for kind in (True, False):
        sizes = [one.size for one in stages if one.percent is kind]
        if sizes != sorted(set(sizes)):
            raise InvalidInputError("分批", f"{text}：一批要比前一批多，例如 5,50")
    return stages


def _stage(word: str) -> Stage:
    percent = word.endswith(("%", "％"))
    digits = word.rstrip("%％")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 7):
        raise InvalidInputError("分批", f"{word}：写人数或百分数，例如 5,50 或 5%,30%")
    if int(digits) == 0 or (percent and int(digits) > 99):
        raise InvalidInputError("分批", f"{word}：人数从 1 起，百分数 1 到 99")
    return Stage(size=int(digits), percent=percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """Where a push stands: `let_go` of `total` rows may leave, `stage` stages were released so far.

    `poured` of the rows that may leave are awake already: a crash between the two loses nothing.
    `forgiven` failures were seen by the person who let a stopped push go on.
    """

    occurrence_id: UUID
    campaign_id: UUID
    stages: tuple[Stage, ...]
    total: int
    stage: int = 0
    let_go: int = 0
    poured: int = 0
    forgiven: int = 0
    released_at: datetime | None = None

    @property
    def last(self) -> bool:
        """Whether everybody has been let go."""
        return self.let_go >= self.total

    @property
    def before(self) -> int:
        """How many might leave before the stage that is out now."""
        targets = (stage.target(self.total) for stage in self.stages)
        return max((one for one in targets if one < self.let_go), default=0)

    def next_target(self) -> int:
        """How many may leave after the next stage."""
        for stage in self.stages[self.stage :]:
            if stage.target(self.total) > self.let_go:
                return stage.target(self.total)
        return self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Rows of the push by what became of their hand-over. `later` wait for a window, a cap or a channel.

    Who is held for the next visit is in none of them: that row leaves by the worker's own act, in days or never.
    """

    accepted: int = 0
    failed: int = 0
    under_way: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """So many rows in all may leave from now on."""

    let_go: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Too many hand-overs failed: pause, and tell a person."""

    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not yet known whether the stage went well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Everybody was let go and nothing is under way: nothing is left to watch."""


Step = Release | Halt | Wait | Done


def next_step(rollout: Rollout, settled: Settled, now: datetime, caution: Caution = USUAL) -> Step:
    """Pure: what follows from how the stages so far went.

    Refused, unknown and taken-back hand-overs are failures alike: each may mean that the platform, not the
    person, is the reason. A stage is decided on rows that went: those that wait for a window do not hold up the
    next stage once somebody of this one has it, and while nobody has it, nothing is known and the next one waits too.
    """
    if settled.failed - rollout.forgiven > caution.allowed_to_fail(rollout.let_go):
        return Halt(failed=settled.failed)
    if rollout.released_at is None:
        return Release(let_go=rollout.next_target())
    if rollout.poured < rollout.let_go or settled.under_way:
        return Wait()
    if rollout.last:
        return Wait() if settled.later else Done()
    somebody_has_it = settled.accepted + settled.failed > rollout.before
    if now - rollout.released_at < caution.rest or (settled.later and not somebody_has_it):
        return Wait()
    return Release(let_go=rollout.next_target())


def stages_in_words(stages: Sequence[Stage]) -> str:
    """先 5 人，再 50 人，再全部."""
    if not stages:
        return "一次发给全部"
    parts = [f"{one.size}%" if one.percent else f"{one.size} 人" for one in stages]
    return f"先 {'，再 '.join(parts)}，再全部"
