"""Passphrases that the tool makes: six words of two syllables, easy to write down and to say."""

import itertools
import os
import unicodedata

from lianbot.sealing.receipts import Random

INITIALS = "bpmfdtnlgkhjqxrzcs"
FINALS = "aeiou"
SYLLABLES = tuple("".join(pair) for pair in itertools.product(INITIALS, FINALS))[:88]
WORDS = 6
FEWEST_WORDS = 6


class PassphraseError(ValueError):
    """The passphrase is too weak or does not open the file."""


def new_passphrase(random: Random = os.urandom) -> str:
    """Six words, 88² each: 77 bits before Argon2id makes every guess cost 256 MiB."""
    even = (byte for _ in itertools.count() for byte in random(32) if byte < 176)
    return " ".join(SYLLABLES[next(even) % 88] + SYLLABLES[next(even) % 88] for _ in range(WORDS))


def tidy(passphrase: str) -> bytes:
    """What is hashed: one form of every letter, one space between words, small letters."""
    words = unicodedata.normalize("NFKC", passphrase).lower().split()
    if len(words) < FEWEST_WORDS:
        raise PassphraseError(f"口令要 {FEWEST_WORDS} 个词以上，这里只有 {len(words)} 个")
    return " ".join(words).encode()
