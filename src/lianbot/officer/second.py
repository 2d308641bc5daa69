"""The second person: an office of the published list, and another than the first; a key made for the occasion is none."""

from dataclasses import dataclass

from lianbot.officer.casework import CaseworkError
from lianbot.officer.keyfile import OfficerKeys
from lianbot.sealing.recipients import Recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The second person; `said` goes into the chained record with the key's fingerprint of the published list."""

    office: str
    said: str


NOBODY = Second(office="", said="")


def second_of(keys: OfficerKeys, first: OfficerKeys, listed: Recipients) -> Second:
    """Who opened the other key file. Raises CaseworkError where the list, whose signature was checked, does not name both."""
    signs = {office.id: office.sign for office in listed.offices}
    own, other = first.public, keys.public
    if signs.get(own.id) != own.sign:
        raise CaseworkError("收信人名单里没有您这把钥匙；请核对 recipients.json")
    if signs.get(other.id) != other.sign:
        raise CaseworkError(
            f"公布的收信人名单里没有另一个人的这把钥匙（{other.id}）：要名单上另一个办公室的钥匙，自己做的不算"
        )
    if other.id == own.id or other.sign == own.sign:
        raise CaseworkError("另一个人的钥匙就是您自己办公室的；要名单上另一个办公室的钥匙")
    return Second(office=other.id, said=f"second {other.id} {other.officer}")
