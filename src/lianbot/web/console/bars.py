"""The bar over a push: one stretch a state, drawn as SVG because the policy forbids inline styles."""

from collections.abc import Mapping
from dataclasses import dataclass

from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.phrases import console as say
from lianbot.ports.desk import Figures, ReasonCount

ORDER = (
    DeliveryState.ACCEPTED,
    DeliveryState.HANDING_OVER,
    DeliveryState.PLANNED,
    DeliveryState.DEFERRED,
    DeliveryState.UNKNOWN,
    DeliveryState.PLATFORM_FAILED,
    DeliveryState.REFUSED,
    DeliveryState.SKIPPED,
)
WIDE = 1000
"""The bar's own unit; the browser stretches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One piece of the bar in thousandths."""

    tone: str
    label: str
    count: int
    start: int
    width: int


def stretches(parts: Mapping[str, tuple[str, int]]) -> list[Stretch]:
    """`parts` by tone: label and count, in order; a piece that exists is never too thin to see."""
    total = sum(count for _, count in parts.values())
    found: list[Stretch] = []
    start = 0
    for tone, (label, count) in parts.items():
        if count == 0:
            continue
        width = max(6, round(WIDE * count / total))
        width = min(width, WIDE - start)
        found.append(Stretch(tone=tone, label=label, count=count, start=start, width=width))
        start += width
    return found


def state_bar(figures: Figures) -> list[Stretch]:
    """Rows by hand-over state: their sum is what was planned."""
    return stretches({state.value: (say.STATES[state], figures[state.value]) for state in ORDER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The figures that stand over a push, the same as over the phones: they add up to `planned`."""

    planned: int
    accepted: int
    unbound: int
    deferred: int
    unknown: int
    waiting: int
    refused: int
    skipped: int


def sums(figures: Figures, reasons: list[ReasonCount]) -> Sums:
    """`accepted` leaves out what the platform took back; `skipped` is without the unbound."""
    unbound = sum(
        one.count
        for one in reasons
        if one.state is DeliveryState.SKIPPED and one.reason is Reason.UNBOUND
    )
    return Sums(
        planned=figures["total"],
        accepted=figures["accepted"],
        unbound=unbound,
        deferred=figures["deferred"],
        unknown=figures["unknown"],
        waiting=figures["planned"] + figures["handing_over"],
        refused=figures["refused"] + figures["platform_failed"],
        skipped=figures["skipped"] - unbound,
    )
