"""Roster import: a file beside the roster → joined, moved, changed, left, and every row that needs a person's look."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lianbot.domain.codes import Post
from lianbot.domain.posts import PostProfile
from lianbot.domain.roster import (
    Column,
    PostMapping,
    RosterDiff,
    RosterMovedError,
    RosterReceipt,
    Table,
)
from lianbot.flows.enrolment_cells import key, stated
from lianbot.flows.enrolment_compare import ImportRequest, compare
from lianbot.phrases import roster as say
from lianbot.ports.roster import RosterStore

__all__ = [
    "ImportRequest",
    "ImportResult",
    "compare",
    "dry_run",
    "import_roster",
    "mentioned_contractors",
    "refusal",
    "remember_posts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What came of an import: a receipt, or the reason (for a person) why nothing was written."""

    diff: RosterDiff
    receipt: RosterReceipt | None = None
    refused: str | None = None


async def dry_run(
    tables: Sequence[Table],
    store: RosterStore,
    *,
    request: ImportRequest,
    profiles: Sequence[PostProfile],
    today: date,
) -> RosterDiff:
    """The comparison alone; writes nothing. Raises RosterMovedError when `expected_version` is past."""
    current = await store.snapshot()
    if request.expected_version not in (None, current.version):
        raise RosterMovedError(say.ROSTER_MOVED)
    names = [*(c.name for c in current.contractors), *request.named_contractors]
    mapping = _joined_words(await store.saved_mapping(names), request.post_answers)
    # Pure and long (a second for 25,000 rows): a thread keeps callbacks answered meanwhile.
    return await asyncio.to_thread(
        compare, current, tables, request=request, mapping=mapping, profiles=profiles, today=today
    )


async def import_roster(
    tables: Sequence[Table],
    store: RosterStore,
    *,
    request: ImportRequest,
    profiles: Sequence[PostProfile],
    today: date,
    by: UUID,
) -> ImportResult:
    """Compare and write, all or nothing; the answers about posts are remembered in any case.

    Raises RosterMovedError when the roster changed meanwhile.
    """
    await remember_posts(store, request.post_answers, by)
    diff = await dry_run(tables, store, request=request, profiles=profiles, today=today)
    if reason := refusal(diff, request):
        return ImportResult(diff=diff, refused=reason)
    if diff.changes.empty:
        return ImportResult(diff=diff)
    return ImportResult(diff=diff, receipt=await store.apply(diff.changes, by))


async def remember_posts(store: RosterStore, answers: PostMapping, by: UUID) -> None:
    """Save what free words mean, so that nobody is asked twice."""
    for contractor, words in answers.items():
        if words:
            await store.save_mapping(contractor, {key(w): p for w, p in words.items()}, by)


def refusal(diff: RosterDiff, request: ImportRequest) -> str | None:
    """Why this comparison may not be written as the request stands, None when it may."""
    if diff.faulty and not request.set_aside_faulty:
        return say.REFUSED_FAULTY
    if diff.needs_second_yes and not request.second_yes:
        return say.REFUSED_SECOND_YES
    return None


def mentioned_contractors(tables: Sequence[Table]) -> tuple[str, ...]:
    """The companies that the column 公司 of a file names, as written, for a person to choose from."""
    found: dict[str, str] = {}
    for table in tables:
        if Column.CONTRACTOR not in table.columns:
            continue
        at = table.columns.index(Column.CONTRACTOR)
        for row in table.rows:
            if name := stated(row.values[at]):
                found.setdefault(key(name), name)
    return tuple(found.values())


def _joined_words(saved: PostMapping, answers: PostMapping) -> PostMapping:
    words: dict[str, dict[str, tuple[Post, ...]]] = {}
    for mapping in (saved, answers):
        for contractor, meanings in mapping.items():
            mine = words.setdefault(key(contractor), {})
            mine.update({key(word): tuple(posts) for word, posts in meanings.items()})
    return words
