"""The officer's key file: secret keys by quarter under Argon2id (256 MiB) of a made passphrase."""

import base64
import json
import os
from dataclasses import dataclass, field, replace

from nacl import bindings, pwhash
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey

from lianbot.officer.passphrases import PassphraseError, tidy
from lianbot.sealing.envelope import OpeningKey
from lianbot.sealing.receipts import Random
from lianbot.sealing.recipients import Office

KIND = "lianbot-officer-key"
BOUND = b"lianbot-officer-key-v1"
OPSLIMIT = 3
MEMLIMIT = 256 * 1024 * 1024


class KeyFileError(ValueError):
    """The file is no key file or cannot be opened; the message says the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerKeys:
    """Everything secret of one office. `epochs` maps quarter number to a 32-byte seed."""

    office: str
    name: str
    superior: bool
    sign_seed: bytes = field(repr=False)
    book_key: bytes = field(repr=False)
    epochs: dict[int, bytes] = field(repr=False)

    @property
    def signing(self) -> SigningKey:
        """The Ed25519 key of packs, attestations and approvals."""
        return SigningKey(self.sign_seed)

    @property
    def opening(self) -> list[OpeningKey]:
        """The X25519 keys, newest quarter first."""
        return [
            OpeningKey.from_seed(epoch, seed)
            for epoch, seed in sorted(self.epochs.items(), reverse=True)
        ]

    @property
    def public(self) -> Office:
        """What goes into the recipients list."""
        return Office(
            id=self.office,
            name=self.name,
            superior=self.superior,
            sign=bytes(self.signing.verify_key),
            keys={key.epoch: key.public for key in self.opening},
        )

    def with_epoch(self, epoch: int, random: Random = os.urandom) -> "OfficerKeys":
        """The same keys and one for another quarter; an existing one is never replaced."""
        return replace(self, epochs={epoch: random(32), **self.epochs})

    def without_epoch(self, epoch: int) -> "OfficerKeys":
        """Destroying a quarter's key makes every old backup of its letters unreadable."""
        return replace(self, epochs={n: seed for n, seed in self.epochs.items() if n != epoch})


def new_keys(
    office: str, name: str, epoch: int, *, superior: bool = False, random: Random = os.urandom
) -> OfficerKeys:
    """Fresh keys of one office for one quarter."""
    return OfficerKeys(
        office=office,
        name=name,
        superior=superior,
        sign_seed=random(32),
        book_key=random(32),
        epochs={epoch: random(32)},
    )


def write_keyfile(keys: OfficerKeys, passphrase: str, random: Random = os.urandom) -> str:
    """The encrypted file; 1.2 to 1.8 s and 256 MiB."""
    salt, nonce = random(16), random(24)
    inner = {
        "v": 1,
        "office": keys.office,
        "name": keys.name,
        "superior": keys.superior,
        "sign": keys.sign_seed.hex(),
        "book": keys.book_key.hex(),
        "epochs": {str(epoch): seed.hex() for epoch, seed in sorted(keys.epochs.items())},
    }
    box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        json.dumps(inner, ensure_ascii=False).encode(), BOUND, nonce, _key(passphrase, salt)
    )
    file = {
        "v": 1,
        "kind": KIND,
        "office": keys.office,
        "ops": OPSLIMIT,
        "mem": MEMLIMIT,
        "salt": salt.hex(),
        "nonce": nonce.hex(),
        "box": base64.b64encode(box).decode("ascii"),
    }
    return json.dumps(file, indent=1) + "\n"


def read_keyfile(raw: str, passphrase: str) -> OfficerKeys:
    """The keys; KeyFileError for a wrong file, PassphraseError for a wrong passphrase."""
    try:
        file = json.loads(raw)
        if file["kind"] != KIND or (file["ops"], file["mem"]) != (OPSLIMIT, MEMLIMIT):
            raise KeyFileError("不是本工具做的钥匙文件")
        salt, nonce = bytes.fromhex(file["salt"]), bytes.fromhex(file["nonce"])
        box = base64.b64decode(file["box"])
    except (ValueError, KeyError, TypeError, RecursionError) as bad:
        raise KeyFileError(f"钥匙文件读不懂（{type(bad).__name__}）；请换用备份") from bad
    try:
        inner = json.loads(
            bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                box, BOUND, nonce, _key(passphrase, salt)
            )
        )
    except (CryptoError, ValueError) as bad:
        raise PassphraseError("口令不对，或钥匙文件坏了") from bad
    return OfficerKeys(
        office=inner["office"],
        name=inner["name"],
        superior=inner["superior"] is True,
        sign_seed=bytes.fromhex(inner["sign"]),
        book_key=bytes.fromhex(inner["book"]),
        epochs={int(epoch): bytes.fromhex(seed) for epoch, seed in inner["epochs"].items()},
    )


def _key(passphrase: str, salt: bytes) -> bytes:
    return pwhash.argon2id.kdf(32, tidy(passphrase), salt, opslimit=OPSLIMIT, memlimit=MEMLIMIT)
