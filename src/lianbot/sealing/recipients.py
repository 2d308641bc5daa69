"""The signed list of who may read concerns: DOOR_DIR/recipients.json."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import date

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from lianbot.sealing.weeks import epoch_of

FILE = "recipients.json"
LABEL = b"lianbot recipients\x00"


class RecipientsError(ValueError):
    """The list cannot be used; the message names the field and the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One office that can open concerns. `keys` maps epoch to X25519 public key."""

    id: str
    name: str
    superior: bool
    sign: bytes
    keys: dict[int, bytes]

    @property
    def officer(self) -> str:
        """The officer's id in the ledger: first 8 hex of SHA-256 of the signing key."""
        return hashlib.sha256(self.sign).hexdigest()[:8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """All offices, the site's salt, and the ledger's origin the officers sign for."""

    log: str
    salt: bytes
    serial: int
    day: date
    offices: tuple[Office, ...]
    signer: bytes = b""

    @property
    def fingerprint(self) -> str:
        """What poster and page show: 20 hex of the signer's key, in groups of four."""
        digits = hashlib.sha256(self.signer).hexdigest()[:20]
        return " ".join(digits[at : at + 4] for at in range(0, 20, 4))

    def epoch_on(self, day: date) -> int:
        """The newest quarter, not later than `day`, for which every office has a key."""
        common = set.intersection(*(set(office.keys) for office in self.offices))
        past = [epoch for epoch in common if epoch <= epoch_of(day)]
        if not past:
            raise RecipientsError(
                f"{FILE}: offices[].keys has no quarter up to {day} that every office shares; "
                "run `lianbot officer recipients` with the public files of this quarter"
            )
        return max(past)


def write_recipients(recipients: Recipients, signer: SigningKey) -> str:
    """The signed file; the list travels as one string, so there is nothing to canonicalise."""
    if not 1 <= len(recipients.offices) <= 3:
        raise RecipientsError(f"{FILE}: one to three offices, got {len(recipients.offices)}")
    text = json.dumps(
        {
            "v": 1,
            "log": recipients.log,
            "salt": recipients.salt.hex(),
            "serial": recipients.serial,
            "day": recipients.day.isoformat(),
            "offices": [office_record(office) for office in recipients.offices],
        },
        ensure_ascii=False,
    )
    file = {
        "v": 1,
        "list": text,
        "signer": _b64(bytes(signer.verify_key)),
        "sig": _b64(signer.sign(LABEL + text.encode()).signature),
    }
    return json.dumps(file, ensure_ascii=False, indent=1) + "\n"


def read_recipients(raw: str) -> Recipients:
    """The checked list; RecipientsError when anything is missing, malformed or not signed."""
    try:
        file = json.loads(raw)
        text, signer = file["list"], base64.b64decode(file["signer"])
        VerifyKey(signer).verify(LABEL + text.encode(), base64.b64decode(file["sig"]))
        inner = json.loads(text)
        recipients = Recipients(
            log=inner["log"],
            salt=bytes.fromhex(inner["salt"]),
            serial=int(inner["serial"]),
            day=date.fromisoformat(inner["day"]),
            offices=tuple(office_of(office) for office in inner["offices"]),
            signer=signer,
        )
    except BadSignatureError as bad:
        raise RecipientsError(
            f"{FILE}: the signature does not fit the list; sign it again"
        ) from bad
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as bad:
        raise RecipientsError(f"{FILE}: not a recipients file ({bad!r}); make it again") from bad
    _check(recipients)
    return recipients


def _check(recipients: Recipients) -> None:
    if len(recipients.salt) != 16:
        raise RecipientsError(f"{FILE}: salt must be 16 bytes, has {len(recipients.salt)}")
    if not 1 <= len(recipients.offices) <= 3:
        raise RecipientsError(f"{FILE}: one to three offices, got {len(recipients.offices)}")
    if len({office.id for office in recipients.offices}) < len(recipients.offices):
        raise RecipientsError(f"{FILE}: two offices share one id")


def office_record(office: Office) -> dict[str, object]:
    """An office's public half as it stands in the list and in its own public file."""
    return {
        "id": office.id,
        "name": office.name,
        "superior": office.superior,
        "sign": _b64(office.sign),
        "keys": [{"epoch": n, "pub": _b64(key)} for n, key in sorted(office.keys.items())],
    }


def office_of(raw: dict[str, object]) -> Office:
    """The office of such a record; ValueError, KeyError or TypeError when it is none."""
    keys = raw["keys"]
    if not isinstance(keys, list):
        raise TypeError("offices[].keys is no list")
    office = Office(
        id=str(raw["id"]),
        name=str(raw["name"]),
        superior=raw["superior"] is True,
        sign=base64.b64decode(str(raw["sign"])),
        keys={int(key["epoch"]): base64.b64decode(key["pub"]) for key in keys},
    )
    if len(office.sign) != 32 or any(len(key) != 32 for key in office.keys.values()):
        raise ValueError(f"offices[{office.id}]: every key has 32 bytes")
    return office


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
