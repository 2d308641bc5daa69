"""Who may sign: the ledger's signers in order, the officers, key changes and weekly attestations."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from lianbot.evidence import jcs
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.fields import LOG, PUBLIC_KEY, integer


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSigner:
    """A signer's public key (32 bytes), in force for checkpoints that cover the entry `from_seq`."""

    from_seq: int
    name: str
    pub: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBook:
    """All keys of one log; signers ascending by `from_seq`, the first at 0, the others at their `key` entry."""

    origin: str
    signers: Sequence[KnownSigner]
    officers: Sequence[bytes] = ()

    def __post_init__(self) -> None:
        LOG.write(self.origin)
        starts = [signer.from_seq for signer in self.signers]
        if not starts or starts[0] != 0:
            raise EvidenceError("signers: the first signer starts at 0")
        if starts != sorted(set(starts)):
            raise EvidenceError("signers: from_seq must rise strictly")
        if len(set(self.officers)) != len(self.officers):
            raise EvidenceError("officers: a key stands twice")
        for signer in self.signers:
            check_name(signer.name)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.signers[0].pub)

    def signer_for(self, size: int) -> KnownSigner:
        """Who signs the checkpoint of `size` leaves: the greatest `from_seq` ≤ size − 1."""
        return [signer for signer in self.signers if signer.from_seq < size][-1]

    def to_bytes(self) -> bytes:
        """The bytes of keys.json: canonical JSON without a newline."""
        return jcs.canonical(
            {
                "fingerprint": self.fingerprint,
                "officers": [
                    {"id": officer_id(pub), "pub": PUBLIC_KEY.write(pub)} for pub in self.officers
                ],
                "origin": self.origin,
                "signers": [
                    {
                        "from_seq": integer(signer.from_seq),
                        "name": signer.name,
                        "pub": PUBLIC_KEY.write(signer.pub),
                    }
                    for signer in self.signers
                ],
            }
        )


def fingerprint(pub: bytes) -> str:
    """First 20 hex of SHA-256 of the first signer's public key."""
    return hashlib.sha256(pub).hexdigest()[:20]


def grouped(hex_digits: str) -> str:
    """A fingerprint in groups of four, as it stands on sheets and posters."""
    return " ".join(hex_digits[at : at + 4] for at in range(0, len(hex_digits), 4))


def officer_id(pub: bytes) -> str:
    """First 8 hex of SHA-256 of an officer's Ed25519 public key."""
    return hashlib.sha256(pub).hexdigest()[:8]


def check_name(name: str) -> str:
    """A signed note's key name: not empty, no space, no plus, no control character."""
    if not name or "+" in name or any(char.isspace() or not char.isprintable() for char in name):
        raise EvidenceError(f"signer name {name!r} must be non-empty without spaces or plus signs")
    return name


def public_key(seed: bytes) -> bytes:
    """The Ed25519 public key (32 bytes) of a 32-byte seed."""
    return bytes(SigningKey(seed).verify_key)


def sign(seed: bytes, message: bytes) -> bytes:
    """An Ed25519 signature (64 bytes)."""
    return SigningKey(seed).sign(message).signature


def signature_holds(pub: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` is by the holder of `pub`."""
    try:
        VerifyKey(pub).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def key_message(new_pub: bytes, seq: int) -> bytes:
    """What the old signer signs for a `key` entry at `seq`."""
    return b"lianbot key\x00" + new_pub + seq.to_bytes(8, "big")


def attest_message(log: str, week: str) -> bytes:
    """What an officer signs for an `attest` entry."""
    return b"lianbot attest\x00" + log.encode("ascii") + b"\x00" + week.encode("ascii")
