"""The platforms' memory as JSON and back: mass sends, quotas, duplicates, sign-in codes, fault rules, counters."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict

from lianbot.twin.faults import FaultKind, FaultRule
from lianbot.twin.memory import DuplicateBook, MassBook, MassJob, QuotaBook
from lianbot.twin.phones import Channel, Content
from lianbot.twin.world import OauthCode, World


def saved_memory(world: World) -> Content:
    """All of it as JSON."""
    mass, duplicates = world.mass, world.duplicates
    return {
        "mass": {
            "jobs": [asdict(each) for each in mass.jobs.values()],
            "named": {name: list(each) for name, each in mass.named.items()},
            "days": [list(each) for each in mass.days.items()],
            "months": mass.months,
        },
        "quotas": asdict(world.quotas),
        "duplicates": [
            [key.hex(), until, payload] for key, (until, payload) in duplicates.answers.items()
        ],
        "template_ids": {key: list(each) for key, each in world.template_ids.items()},
        "sign_in": {code: asdict(each) for code, each in world.codes.items()},
        "faults": world.faults.as_json(),
        "counters": world.counters,
    }


class SavedMemory:
    """A memory read from JSON whole before anything is changed; KeyError, TypeError or ValueError where it is none."""

    def __init__(self, saved: Content) -> None:
        mass = saved["mass"]
        self.mass = MassBook(
            {int(each["msg_id"]): MassJob(**each) for each in mass["jobs"]},
            {name: (float(at), int(job)) for name, (at, job) in mass["named"].items()},
            {int(day): int(used) for day, used in mass["days"]},
            {month: int(used) for month, used in mass["months"].items()},
        )
        self.quotas = QuotaBook(**saved["quotas"])
        answers = {
            bytes.fromhex(key): (float(until), dict(payload))
            for key, until, payload in saved["duplicates"]
        }
        ends = sorted((until, key) for key, (until, _) in answers.items())
        self.duplicates = DuplicateBook(answers, deque(ends))
        self.template_ids = {
            key: (int(msgid), float(until))
            for key, (msgid, until) in saved["template_ids"].items()
        }
        self.codes = {code: _code(each) for code, each in saved["sign_in"].items()}
        self.rules = [_rule(each) for each in saved["faults"]]
        self.counters = {str(name): int(each) for name, each in saved["counters"].items()}

    def put(self, world: World) -> None:
        """Instead of what the world remembers now."""
        world.mass, world.quotas, world.duplicates = self.mass, self.quotas, self.duplicates
        world.template_ids, world.codes = self.template_ids, self.codes
        world.counters = self.counters
        world.faults.replace(self.rules)


def _code(saved: Content) -> OauthCode:
    return OauthCode(**{**saved, "channel": Channel(saved["channel"])})


def _rule(saved: Content) -> FaultRule:
    return FaultRule(**{**saved, "kind": FaultKind(saved["kind"])})
