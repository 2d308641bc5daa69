"""A door that is killed: puts the prepared letters one by one, says which were answered, flushes often."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from lianbot.door.bucket import Bucket
from lianbot.door.keeper import open_keeper
from lianbot.sealing.envelope import LETTER, TAG


def main(folder: Path, letters: Path, start: int) -> None:
    """Go on from letter `start`; every third letter is followed by a flush."""
    keeper = open_keeper(folder, lambda: datetime(2026, 12, 1, tzinfo=UTC), lambda: 0.0)
    keeper.letter_bucket = Bucket(seconds=lambda: 0.0, per_hour=10**9, per_day=10**9)
    raw = letters.read_bytes()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in range(start, len(raw) // LETTER):
        letter = raw[number * LETTER : (number + 1) * LETTER]
        asked = letter[:TAG] + bytes(7 * TAG)
        answer = keeper.exchange(b"\1" + asked + letter, bytes(16))
        if answer.startswith(letter):
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
        if number % 3 == 2:
            keeper.flush()


main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
