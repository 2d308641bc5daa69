"""The reporter's twenty digits: eighteen drawn evenly, two that catch a slip of the pen."""

import os
import unicodedata
from collections.abc import Callable

DRAWN = 18
LENGTH = 20
ROW = 4

Random = Callable[[int], bytes]


class ReceiptError(ValueError):
    """The digits are no receipt; the message may be shown to the person who typed them."""


def check_digits(drawn: str) -> str:
    """The two digits that make the whole number leave 1 when divided by 97."""
    return f"{98 - int(drawn) * 100 % 97:02d}"


def new_receipt(random: Random = os.urandom) -> str:
    """Twenty fresh digits; bytes of 250 and above are thrown away, or 0 to 5 would come more often."""
    drawn = ""
    while len(drawn) < DRAWN:
        drawn += "".join(str(byte % 10) for byte in random(DRAWN) if byte < 250)
    return drawn[:DRAWN] + check_digits(drawn[:DRAWN])


def read_receipt(typed: str) -> str:
    """The twenty digits of what a person typed: spaces, rows and full-width digits are accepted.

    Raises ReceiptError before any costly derivation is begun.
    """
    digits = "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() else "" for sign in typed if sign.strip()
    )
    if len(digits) != LENGTH or int(digits) % 97 != 1:
        raise ReceiptError("号码有一位不对，请一行一行再对一遍")
    return digits


def rows(receipt: str) -> tuple[str, ...]:
    """The receipt as it is shown: five rows of four digits."""
    return tuple(receipt[at : at + ROW] for at in range(0, LENGTH, ROW))
