"""Errors that say what to do next; none of them knows an HTTP status."""


class LianbotError(Exception):
    """Base of all errors of lianbot. `str(error)` is a Chinese sentence for a person: place, fault, mend."""


class NotAllowedError(LianbotError):
    """The account may not do this (role, or author = approver)."""


class NotFoundError(LianbotError):
    """The thing named does not exist, or not in a state in which this can be asked of it."""


class OutdatedError(LianbotError):
    """Somebody else changed the thing after it was read; nothing was written."""


class InvalidInputError(LianbotError):
    """Input that cannot be used. `place` names the file, row, field or setting."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place}：{fault}")
        self.place = place
        self.fault = fault


class IllegalTransitionError(LianbotError):
    """A delivery was asked to move in a way design §4 does not know."""


class LedgerClockError(LianbotError):
    """The ledger's head is more than 5 minutes ahead of the clock; appending stops (evidence page)."""
