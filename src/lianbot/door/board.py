"""What the door posts for everybody alike: the bulletin, the intake list and the sealed rows."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lianbot.door.files import SHELF, replace_file
from lianbot.sealing import intake
from lianbot.sealing.bulletin import (
    CODES,
    CODES_PER_PACK,
    Bulletin,
    random_codes,
    write_bulletin,
)
from lianbot.sealing.packs import NOTHING_FETCHED, Pack, PackError, read_pack
from lianbot.sealing.recipients import Recipients
from lianbot.sealing.weeks import ledger_week, weeks_before

LATEST_PACK_SIZE = 400_000
STALE_WEEKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PackShelf:
    """Packs as they lie in DOOR_DIR/in/*.pack; anything that is not a good pack is left alone."""

    folder: Path
    recipients: Recipients

    def packs(self, week: str) -> list[Pack]:
        """Good packs of this week and the last eight, oldest first."""
        oldest = weeks_before(week, STALE_WEEKS)
        packs = [pack for path in self._paths() if (pack := self._read(path)) is not None]
        return sorted(
            (pack for pack in packs if oldest <= pack.week <= week), key=lambda pack: pack.week
        )

    def ignored(self, week: str) -> list[str]:
        """Names of the files that no flush takes: no good pack, or one of a week to come."""
        read = ((path.name, self._read(path)) for path in self._paths())
        return [name for name, pack in read if pack is None or pack.week > week]

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.pack"))

    def _read(self, path: Path) -> Pack | None:
        signers = {office.id: office.sign for office in self.recipients.offices}
        try:
            if path.stat().st_size > LATEST_PACK_SIZE:
                return None
            return read_pack(path.read_text(encoding="utf-8"), signers)
        except (PackError, OSError, UnicodeDecodeError):
            return None


def attested(packs: Iterable[Pack], recipients: Recipients) -> dict[str, str]:
    """For each office the last week it has fetched whole; NOTHING_FETCHED where it never said."""
    weeks = {office.id: NOTHING_FETCHED for office in recipients.offices}
    for pack in packs:
        weeks[pack.office] = max(weeks[pack.office], pack.fetched)
    return weeks


def codes_of_week(
    packs: Iterable[Pack], week: str, fillers: tuple[int, ...], recipients: Recipients
) -> tuple[int, ...]:
    """36 codes; an office without a pack this week is covered by twelve random ones that stay all week."""
    by_office = {pack.office: pack.codes for pack in packs if pack.week == week}
    codes: list[int] = []
    for at in range(0, CODES, CODES_PER_PACK):
        number = at // CODES_PER_PACK
        spare = fillers[at : at + CODES_PER_PACK]
        office = recipients.offices[number].id if number < len(recipients.offices) else ""
        codes += by_office.get(office, spare)
    return tuple(codes)


def statement_of(packs: Iterable[Pack]) -> dict[str, object]:
    """The newest statement that an officer released."""
    said = [pack.statement for pack in packs if pack.statement]
    return said[-1] if said else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The files in DOOR_DIR/out, each rewritten whole with the time of midnight."""

    folder: Path
    fillers: Path

    def week_fillers(self, week: str, day: date) -> tuple[int, ...]:
        """The week's random codes: drawn once, or the missing pack would show by changing."""
        if self.fillers.exists():
            kept = json.loads(self.fillers.read_text(encoding="ascii"))
            if kept["week"] == week:
                return tuple(kept["codes"])
        codes = random_codes(CODES, week)
        self._json(self.fillers, {"week": week, "codes": codes}, day)
        return tuple(codes)

    def post_rows(self, envelopes: Iterable[bytes], day: date) -> list[bytes]:
        """sealed.bin: all rows one after the other by tag. Gives back their leaves."""
        leaves: list[bytes] = []

        def passing() -> Iterator[bytes]:
            for envelope in envelopes:
                leaves.append(intake.leaf(envelope))
                yield envelope

        replace_file(self.folder / "sealed.bin", passing(), day, SHELF)
        return leaves

    def post_photos(self, week: str, envelopes: Iterable[bytes], day: date) -> None:
        """media-2026W47.bin: all photo envelopes of one week."""
        replace_file(self.folder / f"media-{week}.bin", envelopes, day, SHELF)

    def drop_photos_before(self, week: str) -> None:
        """Purged weeks leave the shelf too."""
        for path in self.folder.glob("media-*.bin"):
            if path.stem.removeprefix("media-") < week:
                path.unlink()

    def post_bulletin(self, bulletin: Bulletin, day: date) -> None:
        """bulletin.bin, the answer to GET /c/b."""
        replace_file(self.folder / "bulletin.bin", [write_bulletin(bulletin)], day, SHELF)

    def post_intake(self, leaves: list[bytes], week: str, day: date, script: str) -> bytes:
        """intake.json for the ledger; gives back the root."""
        root = intake.root([intake.leaf_hash(leaf) for leaf in leaves])
        record = {
            "v": 1,
            "day": day.isoformat(),
            "week": week,
            "size": len(leaves),
            "root": base64.b64encode(root).decode("ascii"),
            "script": script,
            "leaves": [leaf.hex() for leaf in leaves],
        }
        self._json(self.folder / "intake.json", record, day)
        return root

    def post_attestations(self, packs: Iterable[Pack], recipients: Recipients, day: date) -> None:
        """attest.json: the signed words "fetched up to week W", ready for the ledger."""
        officers = {office.id: office.officer for office in recipients.offices}
        signed = [
            {
                "office": pack.office,
                "officer": officers[pack.office],
                "week": ledger_week(pack.fetched),
                "sig": base64.b64encode(pack.attest).decode("ascii"),
            }
            for pack in packs
            if pack.fetched != NOTHING_FETCHED
        ]
        self._json(self.folder / "attest.json", {"v": 1, "attest": signed}, day)

    def _json(self, path: Path, value: object, day: date) -> None:
        replace_file(path, [json.dumps(value, ensure_ascii=False).encode()], day, SHELF)
