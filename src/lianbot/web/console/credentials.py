"""One's own password and second factor: what is taken for a password, and the QR code to enrol with."""

import re

import pyotp
from markupsafe import Markup

from lianbot.flows.signing_in import SHORTEST_PASSWORD
from lianbot.phrases import console as say

LONGEST = 200
FEWEST_SIGNS = 5
_SECRET = re.compile(r"[A-Z2-7]{32}")


def weakness(password: str, name: str) -> str | None:
    """Why a password is not taken, None when it is. Length counts, not signs."""
    if len(password) < SHORTEST_PASSWORD:
        return say.PASSWORD_SHORT
    if len(password) > LONGEST:
        return say.PASSWORD_LONG
    if len(set(password)) < FEWEST_SIGNS or name.casefold() in password.casefold():
        return say.PASSWORD_PLAIN
    return None


def new_secret() -> str:
    """160 bits in base32, as the authenticator apps take it."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    return bool(_SECRET.fullmatch(text))


def picture(secret: str, name: str) -> Markup:
    """The QR code as inline SVG: attributes only, no style, so that the strict policy lets it show."""
    import segno  # once in an account's life; its tables are read at every import

    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="lianbot")
    code = segno.make(address, error="m")
    # the library writes numbers and path commands only; nothing of a person's text gets in
    return Markup(code.svg_inline(scale=5, border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704
