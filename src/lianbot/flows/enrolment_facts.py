"""What the roster should say of a person: the row's words over the old record, the school's places, a default level."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import fields

from lianbot.domain.people import Employment, Worker
from lianbot.domain.roster import Column, Fault, NewTeam, RosterSnapshot, WorkerFacts
from lianbot.flows.enrolment_cells import key
from lianbot.flows.enrolment_match import Register
from lianbot.flows.enrolment_posts import default_level
from lianbot.flows.enrolment_rows import Stated
from lianbot.phrases import roster as say

FIELDS = tuple(field.name for field in fields(WorkerFacts))


class Places:
    """Teams and sites by name: the roster's own spelling where it has one, else the file's first."""

    def __init__(self, current: RosterSnapshot, rows: Iterable[Stated]) -> None:
        contractors = {c.id: c.name for c in current.contractors}
        self._site_names = {key(s.name): s.name for s in current.sites}
        site_of = {s.id: s.name for s in current.sites}
        self._old_sites = frozenset(self._site_names)
        self._teams = {
            (contractors[t.contractor_id], key(t.name)): (t.name, site_of[t.site_id])
            for t in current.teams
        }
        self._old_teams = frozenset(self._teams)
        self._learn(rows)

    def _learn(self, rows: Iterable[Stated]) -> None:
        """New teams: the site that most of their rows name, the first one where two are equal."""
        spelling: dict[tuple[str, str], str] = {}
        sites: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for row in rows:
            at = (row.contractor, key(row.team))
            if row.team and at not in self._teams:
                spelling.setdefault(at, row.team)
                if row.site:
                    sites[at][self.site(row.site)] += 1
        only = next(iter(self._site_names.values())) if len(self._site_names) == 1 else ""
        for at, name in spelling.items():
            site = sites[at].most_common(1)[0][0] if at in sites else only
            self._teams[at] = (name, site)

    def site(self, words: str) -> str:
        return self._site_names.setdefault(key(words), words)

    def team(self, contractor: str, words: str) -> tuple[str, str]:
        """The team's name and its site ("" when nobody said where a new team works)."""
        return self._teams[contractor, key(words)]

    def new_sites(self, used: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s for s in used if key(s) not in self._old_sites))

    def new_teams(self, used: Iterable[tuple[str, str]]) -> tuple[NewTeam, ...]:
        """`used`: (contractor, team) of the people who will be written."""
        fresh = dict.fromkeys((c, key(t)) for c, t in used)
        return tuple(
            NewTeam(contractor=at[0], name=self._teams[at][0], site=self._teams[at][1])
            for at in fresh
            if at not in self._old_teams
        )


class Records:
    """Old records as facts."""

    def __init__(self, current: RosterSnapshot, register: Register) -> None:
        self._teams = {t.id: t.name for t in current.teams}
        self._sites = {s.id: s.name for s in current.sites}
        self._register = register

    def facts(self, worker: Worker) -> WorkerFacts:
        return WorkerFacts(
            number=worker.number,
            name=worker.name,
            phone=worker.phone,
            contractor=self._register.contractor_of(worker),
            team=self._teams[worker.team_id],
            site=self._sites[worker.site_id],
            posts=worker.posts,
            level=worker.level,
            employment=worker.employment,
            shift=worker.shift,
            started=worker.started,
            wecom=self._register.account_of.get(worker.id),
            tags=worker.tags,
        )


def newcomer(row: Stated, places: Places, number: str) -> WorkerFacts | Fault:
    """The record of somebody new."""
    where = _where(row, None, places)
    if isinstance(where, Fault):
        return where
    if not row.posts:
        return Fault(column=Column.POST, text=say.NO_POST)
    return WorkerFacts(
        number=number,
        name=row.name,
        phone=row.phone,
        contractor=row.contractor,
        team=where[0],
        site=where[1],
        posts=row.posts,
        level=row.level or default_level(row.posts),
        employment=row.employment or Employment.OUTSOURCED,
        shift=row.shift,
        started=row.started,
        wecom=row.wecom,
        tags=row.tags or (),
    )


def revised(row: Stated, old: WorkerFacts, places: Places) -> WorkerFacts | Fault:
    """The old record with what the row states; an empty cell states nothing."""
    where = _where(row, old, places)
    if isinstance(where, Fault):
        return where
    posts = row.posts or old.posts
    # A level set by hand stays; one that only followed from the post follows the new post.
    by_post = old.level is default_level(old.posts)
    same_account = row.wecom and old.wecom and row.wecom.casefold() == old.wecom.casefold()
    return WorkerFacts(
        number=row.number or old.number,
        name=old.name if key(old.name) == key(row.name) else row.name,
        phone=row.phone or old.phone,
        contractor=row.contractor,
        team=where[0],
        site=where[1],
        posts=posts,
        level=row.level or (default_level(posts) if by_post else old.level),
        employment=row.employment or old.employment,
        shift=row.shift or old.shift,
        started=row.started or old.started,
        wecom=old.wecom if same_account else row.wecom or old.wecom,
        tags=old.tags if row.tags is None else row.tags,
    )


def differences(old: WorkerFacts, new: WorkerFacts) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(old, name) != getattr(new, name))


def _where(row: Stated, old: WorkerFacts | None, places: Places) -> tuple[str, str] | Fault:
    """Team and site. Who keeps the team keeps the site; who changes it goes where the new team works."""
    stays = old is not None and old.contractor == row.contractor
    if row.team:
        team, site = places.team(row.contractor, row.team)
    elif old is not None and stays:
        team, site = old.team, old.site
    else:
        return Fault(column=Column.TEAM, text=say.NO_TEAM)
    if old is not None and stays and team == old.team:
        site = old.site
    if row.site:
        site = places.site(row.site)
    return (team, site) if site else Fault(column=Column.SITE, text=say.NO_SITE)
