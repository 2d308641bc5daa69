"""Fixed salts, keys and one entry of every type, so that a change of any byte shows."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lianbot.evidence import entries, keys
from lianbot.evidence.commitments import (
    BindChannel,
    Via,
    account_commitment,
    detail_commitment,
    quiz_commitment,
    worker_commitment,
)
from lianbot.evidence.fields import Answer, Method

LOG = "lianbot/00112233445566aa"
MINUTE = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
COOK = "11111111-1111-4111-8111-111111111111"
LEAD = "22222222-2222-4222-8222-222222222222"
OCCURRENCE = "33333333-3333-4333-8333-333333333333"
EDITION = "ab" * 32


@pytest.fixture(scope="session")
def seed() -> bytes:
    return bytes(range(32))


@pytest.fixture(scope="session")
def facts(seed: bytes) -> dict[str, entries.Fact]:
    """One fact of every type (the ack twice), with values that never change."""
    worker = worker_commitment(b"\x01" * 32, COOK)
    lead = worker_commitment(b"\x02" * 32, LEAD)
    detail = detail_commitment(b"\x03" * 32, msgid="7001", via=Via.CALLBACK, wording="看懂了")
    shown: dict[str, Any] = {"worker": worker, "edition": EDITION, "item": "LSN-RECV-001"}
    new = keys.public_key(b"\x09" * 32)
    return {
        "edition": entries.EditionPublished(edition=EDITION, item="LSN-RECV-001"),
        "campaign": entries.CampaignPlanned(occurrence=OCCURRENCE, planned=2, roster="cd" * 32),
        "show": entries.Shown(**shown, occurrence=OCCURRENCE),
        "ack": entries.Acknowledged(
            **shown,
            occurrence=OCCURRENCE,
            method=Method.QUIZ,
            answer=Answer.UNDERSTOOD,
            detail=detail,
            quiz=quiz_commitment(b"\x04" * 32, final=1, variant="QZ-RECV-001"),
        ),
        "ack-assisted": entries.Acknowledged(
            **shown,
            occurrence=OCCURRENCE,
            method=Method.ASSISTED,
            answer=Answer.CANNOT,
            detail=detail,
            by=lead,
            on=date(2026, 11, 30),
        ),
        "bind": entries.Bound(
            worker=worker,
            channel=BindChannel.WECOM,
            account=account_commitment(b"\x01" * 32, BindChannel.WECOM, "zhang3"),
        ),
        "correct": entries.Corrected(of=3, worker=worker, by=lead, detail=detail),
        "erase": entries.Erased(worker=worker, by=lead),
        "intake": entries.IntakeSeen(root=bytes(32)),
        "attest": entries.Attested(
            week="2026-W48",
            officer=keys.officer_id(keys.public_key(b"\x08" * 32)),
            sig=keys.sign(b"\x08" * 32, keys.attest_message(LOG, "2026-W48")),
        ),
        "key": entries.KeyChanged(pub=new, sig=keys.sign(seed, keys.key_message(new, 7))),
    }


@pytest.fixture(scope="session")
def placed(facts: dict[str, entries.Fact]) -> dict[str, entries.Entry]:
    """Every fact at seq 7 of the same log and minute."""
    return {
        name: entries.Entry(log=LOG, seq=7, minute=MINUTE, fact=fact)
        for name, fact in facts.items()
    }
