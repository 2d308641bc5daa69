"""From the content folder into the database: every item as an edition awaiting approval."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from lianbot.bootstrap.house import House, content_directory
from lianbot.curriculum import Library, LoadedItem, load, load_topics
from lianbot.curriculum.records import QuizPart, Status
from lianbot.curriculum.voicing import SLOW, SYNTHETIC
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import STANDING
from lianbot.domain.codes import ItemType, Level
from lianbot.domain.people import Account
from lianbot.storage.content import Publication

UNFINISHED = frozenset({Status.DRAFT, Status.RETIRED})


def drafts_of(house: House) -> list[str]:
    """Ids of the content folder's drafts, which `publish_content` leaves where they are."""
    library = load(content_directory(house.settings))
    return [item.id for item in library.items if item.status is Status.DRAFT]


async def publish_content(house: House, account: Account | None) -> list[str]:
    """Every finished item of the content folder as an edition awaiting approval; the hashes that are new.

    A draft is not finished (its source was not opened, its clause not confirmed), so nobody is asked to approve
    it; what is retired is not offered again. Raises ContentError when the folder has errors; then nothing is
    published.
    """
    now = house.clock.now()
    library = load(content_directory(house.settings), today=local(now).date())
    hashes = {item.id: item.sha256 for item in library.items}
    finished = [item for item in library.items if item.status not in UNFINISHED]
    await house.content.keep_media(
        {file.sha256: (file.name, file.data) for item in finished for file in item.media}
    )
    # questions first: an edition names theirs
    ordered = sorted(finished, key=lambda item: item.type is not ItemType.QUIZ)
    fresh = await house.content.publish(
        [_publication(item, hashes) for item in ordered],
        account.id if account else None,
        now,
    )
    # the order in which workers are taught is content too: proposed here, adopted by somebody else (P5)
    await house.content.propose_courses(
        courses_mark(shelves_of(library)), account.id if account else None, now
    )
    return fresh


async def adopt_courses(house: House, reviewer: Account) -> int:
    """The shelves of the content folder become the ones that campaigns draw from; how many.

    Raises NotFoundError when exactly this order was never proposed by a publish, NotAllowedError when the
    reviewer proposed it.
    """
    now = house.clock.now()
    library = load(content_directory(house.settings), today=local(now).date())
    found = shelves_of(library)
    await house.content.adopt_courses(found, courses_mark(found), reviewer.id, now)
    return len(found)


def courses_mark(found: Mapping[str, Mapping[tuple[str, str], Sequence[str]]]) -> str:
    """A short name for exactly these shelves in this order."""
    plain = {
        shelf: {"/".join(key): list(items) for key, items in order.items()}
        for shelf, order in found.items()
    }
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _publication(item: LoadedItem, hashes: Mapping[str, str]) -> Publication:
    meta: dict[str, Any] = {
        "text": item.text,
        "tag": item.tag,
        "posts": list(item.posts),
        "levels": list(item.levels),
        "quizzes": [hashes[quiz] for quiz in item.quiz_ids],
        "voice_script": item.voice_script,
        "picture_brief": item.picture_brief,
        "valid_from": item.valid_from.isoformat() if item.valid_from else None,
        "valid_until": item.valid_until.isoformat() if item.valid_until else None,
        "author": item.author,
        **_media(item),
        "legal": [f"{one.law} {one.article}（{one.edition} 版）" for one in item.legal_basis],
        "version": item.version,
        "material": item.material,
    }
    if isinstance(item.part, QuizPart):
        meta |= {
            "text": item.part.stem,
            "options": list(item.part.options),
            "answer": item.part.answer,
            "why": item.part.why,
        }
    return Publication(
        sha256=item.sha256,
        body=item.edition_bytes,
        item=item.id,
        type=item.type,
        title=item.title,
        topic=item.topic,
        meta=meta,
    )


def shelves_of(library: Library) -> dict[str, dict[tuple[str, str], tuple[str, ...]]]:
    """One shelf a course file, and the standing one over all of them."""
    found: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {STANDING: {}}
    for course in library.courses:
        levels = course.levels or tuple(Level)
        order = {(course.post.value, level.value): tuple(course.shelf) for level in levels}
        found[course.id] = order
        found[STANDING] |= order
    return found


def _media(item: LoadedItem) -> dict[str, Any]:
    """What a page shows and plays, by hash; pages play MP3, AMR is for the platforms."""
    named = {file.name: file.sha256 for file in item.media}
    voice = next(
        (one for one in named if one.endswith(".mp3") and not one.endswith(f"{SLOW}.mp3")), ""
    )
    slow = next((one for one in named if one.endswith(f"{SLOW}.mp3")), "")
    picture = item.variants.picture or ""
    return {
        "picture": named.get(picture, ""),
        "picture_text": item.text_twin if picture else "",
        "voice": named.get(voice, ""),
        "slow_voice": named.get(slow, ""),
        "synthetic": SYNTHETIC in voice,
    }


FRONT_LESSONS = 12


async def front_page(house: House) -> bytes:
    """What the door's front page shows beside the form: approved answers, and lessons to read, the same for everybody."""
    names = {topic.id: topic.name for topic in load_topics(content_directory(house.settings))}
    approved = [one.edition for one in await house.content.all() if one.current]
    faq = [
        {"q": one.title, "a": one.text, "words": names.get(one.topic, "")}
        for one in approved
        if one.type is ItemType.FAQ
    ]
    lessons = [
        {"title": one.title, "url": "", "text": one.text}
        for one in approved
        if one.type is ItemType.LESSON
    ]
    front = {"v": 1, "notice": "", "lessons": lessons[:FRONT_LESSONS], "faq": faq}
    return json.dumps(front, ensure_ascii=False, sort_keys=True).encode()
