"""Danger comes first: plain rules that look for it before anything else does."""

from collections.abc import Iterable

from lianbot.understanding.intents import Urgent, Why
from lianbot.understanding.library import UrgentRule


class Urgency:
    """Rules in order; the first that holds decides which help is named first."""

    def __init__(self, rules: Iterable[UrgentRule]) -> None:
        self._rules = tuple(rules)

    def __call__(self, text: str) -> Urgent | None:
        """`text` is normalised. A false alarm costs a line of numbers, a miss may cost a life."""
        for rule in self._rules:
            word = next((word for word in rule.any_of if word in text), None)
            if word is None or any(other in text for other in rule.unless):
                continue
            with_word = next((word for word in rule.together if word in text), None)
            if rule.together and with_word is None:
                continue
            matched = (word,) if with_word is None else (word, with_word)
            return Urgent(kind=rule.kind, why=Why(matched=matched, rule="urgent"))
        return None

    def denied(self, text: str) -> bool:
        """Whether a word of danger stands here with one that takes it back (演练, 架子鼓): then
        likeness to known dangers must not sound the alarm either."""
        return any(
            any(word in text for word in rule.any_of) and any(word in text for word in rule.unless)
            for rule in self._rules
        )
