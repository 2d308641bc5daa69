"""Posts in free words → post codes: the contractor's saved words first, then the aliases of the post profiles, else a question."""

import re
from collections.abc import Iterable, Sequence

from lianbot.domain.codes import Level, Post
from lianbot.domain.posts import PostProfile
from lianbot.domain.roster import PostMapping
from lianbot.flows.enrolment_cells import key

# Between two posts in one cell. The words 兼, 和, 及 also stand inside the name of a post (和面), so they part
# posts only where both sides are known.
_MARKS = re.compile(r"[/\\、,，;；+＋&|\n]+")
_WORDS = re.compile(r"兼|和|及")
_MAX_POSTS = 4

_LEVELS: dict[Post, Level] = {
    Post.LEAD: Level.L4,
    Post.BUY: Level.L5,
    Post.RECV: Level.L5,
    Post.STORE: Level.L5,
    Post.FEE: Level.L5,
    Post.SELL: Level.L5,
}


def post_word(words: str) -> str:
    """The form in which a free word is saved and looked up: without width, case and blanks."""
    return key(words)


def default_level(posts: Iterable[Post]) -> Level:
    """The level of a newcomer without one: the most exposed of the posts decides (domain reference §2b)."""
    return min(_LEVELS.get(post, Level.L6) for post in posts)


class PostWords:
    """Looks words up; the same cell of the same contractor is worked out once."""

    def __init__(self, mapping: PostMapping, profiles: Sequence[PostProfile]) -> None:
        self._saved = {key(name): words for name, words in mapping.items()}
        self._known: dict[str, set[Post]] = {}
        for profile in profiles:
            for word in (profile.code.value, profile.name, profile.short, *profile.aliases):
                self._known.setdefault(post_word(word), set()).add(profile.code)
        self._seen: dict[tuple[str, str], tuple[tuple[Post, ...], tuple[str, ...]]] = {}

    def read(self, contractor: str, cell: str) -> tuple[tuple[Post, ...], tuple[str, ...]]:
        """The posts of a cell in its order, and the words that nobody has explained yet."""
        at = (key(contractor), post_word(cell))
        if at not in self._seen:
            self._seen[at] = self._work_out(at[0], cell)
        return self._seen[at]

    def suggest(self, word: str) -> tuple[Post, ...]:
        """Posts whose known words are part of this one, or the other way round: offered, never taken."""
        near = [
            (len(known), post)
            for known, posts in self._known.items()
            if known and (known in word or word in known)
            for post in posts
        ]
        best = sorted(near, key=lambda pair: (-pair[0], pair[1]))
        return tuple(dict.fromkeys(post for _, post in best))[:3]

    def _work_out(self, contractor: str, cell: str) -> tuple[tuple[Post, ...], tuple[str, ...]]:
        whole = self._one(contractor, post_word(cell))
        if whole:
            return whole, ()
        posts: list[Post] = []
        unknown: list[str] = []
        for part in filter(None, map(post_word, _MARKS.split(cell))):
            found = self._one(contractor, part) or self._joined(contractor, part)
            posts += found
            if not found:
                unknown.append(part)
        return tuple(dict.fromkeys(posts))[:_MAX_POSTS], tuple(dict.fromkeys(unknown))

    def _one(self, contractor: str, word: str) -> tuple[Post, ...]:
        if saved := self._saved.get(contractor, {}).get(word):
            return tuple(saved)
        known = self._known.get(word, set())
        return tuple(known) if len(known) == 1 else ()

    def _joined(self, contractor: str, word: str) -> tuple[Post, ...]:
        parts = [self._one(contractor, part) for part in _WORDS.split(word) if part]
        if len(parts) < 2 or not all(parts):
            return ()
        return tuple(post for part in parts for post in part)
