"""What people and rules do to a push under way, joined once for console, command line and tick."""

from dataclasses import dataclass

from lianbot.flows.resending import Resending
from lianbot.flows.rollout import Rollouts
from lianbot.ports.clock import Clock
from lianbot.storage.database import Database
from lianbot.storage.rollouts import SqlRolloutBook
from lianbot.storage.unknowns import SqlUnknownBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The flows around a running push."""

    resending: Resending
    rollouts: Rollouts
    stages: SqlRolloutBook


def make_control(database: Database, clock: Clock) -> Control:
    stages = SqlRolloutBook(database)
    return Control(
        resending=Resending(book=SqlUnknownBook(database), clock=clock),
        rollouts=Rollouts(book=stages, clock=clock),
        stages=stages,
    )
