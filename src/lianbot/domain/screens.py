"""One screen of an answer: a text and the buttons under it, whatever channel shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One thing to tap. `key` is what comes back, `label` what the worker reads.

    The label typed as text does the same as the tap, so that a client without buttons
    loses nothing.
    """

    key: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What one question is answered with: never more than this."""

    text: str
    buttons: tuple[Button, ...] = ()
