"""Salted hashes that stand in the ledger for a person, an account and the words on a button."""

import hashlib
import re
from enum import StrEnum

from lianbot.evidence import jcs
from lianbot.evidence.errors import EvidenceError

SALT_BYTES = 32
"""Exactly: with salts of one length nobody can move bytes between salt and id to open it twice."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class BindChannel(StrEnum):
    """Where an account lives; NONE says that the worker is bound to none any more."""

    WECOM = "wecom"
    OFFICIAL = "official"
    NONE = "none"


class Via(StrEnum):
    """How the person behind an answer was known."""

    CALLBACK = "callback"
    OAUTH = "oauth"
    LINK = "link"
    LEAD = "lead"
    PAPER = "paper"


def worker_commitment(salt: bytes, uuid: str) -> str:
    """64 hex for a person: SHA-256(salt ‖ the UUID as 36 lower-case ASCII characters)."""
    _check_salt(salt)
    if not _UUID.fullmatch(uuid):
        raise EvidenceError(f"id {uuid!r} is not a UUID of 36 lower-case characters")
    return hashlib.sha256(salt + uuid.encode("ascii")).hexdigest()


def account_commitment(salt: bytes, channel: BindChannel, account: str) -> str:
    """64 hex for an account of the person whose salt it is; `account` is empty exactly for NONE."""
    _check_salt(salt)
    if (channel is BindChannel.NONE) != (account == ""):
        raise EvidenceError("account must be empty exactly when the channel is none")
    message = salt + channel.value.encode("ascii") + b"\x00" + account.encode("utf-8")
    return hashlib.sha256(message).hexdigest()


def detail_commitment(salt: bytes, *, msgid: str, via: Via, wording: str) -> str:
    """64 hex for how an answer came and which words the button bore; a fresh salt an entry."""
    return _commit(salt, {"msgid": msgid, "via": via.value, "wording": wording})


def quiz_commitment(salt: bytes, *, final: str | int, variant: str | int) -> str:
    """64 hex for the final answer to a question; its salt is another one and is never given out."""
    return _commit(salt, {"final": final, "variant": variant})


def _commit(salt: bytes, opened: dict[str, jcs.Json]) -> str:
    _check_salt(salt)
    return hashlib.sha256(salt + jcs.canonical(opened)).hexdigest()


def _check_salt(salt: bytes) -> None:
    if len(salt) != SALT_BYTES:
        raise EvidenceError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
