"""The comparison of a file with the roster: pure, one outcome a row, changes for the good rows only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from lianbot.domain.people import Worker
from lianbot.domain.posts import PostProfile
from lianbot.domain.roster import (
    LEAVERS_ALARM,
    Change,
    Column,
    Fault,
    Joined,
    Left,
    Note,
    PersonQuestion,
    PostMapping,
    PostQuestion,
    RosterChanges,
    RosterDiff,
    RosterSnapshot,
    RowOutcome,
    RowRef,
    SecondYes,
    Table,
    Updated,
    Verdict,
    WorkerFacts,
)
from lianbot.flows.enrolment_cells import OURS, Status, key
from lianbot.flows.enrolment_facts import Places, Records, differences, newcomer, revised
from lianbot.flows.enrolment_match import Match, Register, match, protected, with_lost_zeros
from lianbot.flows.enrolment_people import Person, people
from lianbot.flows.enrolment_posts import PostWords
from lianbot.flows.enrolment_rows import Companies, Reading, Stated, state
from lianbot.phrases import roster as say


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What the person at the desk decided.

    `named_contractors`: the companies this file is complete for. Only there is "left" inferred, and only they may
    be new. `post_answers` and `same_person` answer the questions of an earlier comparison. `use_numbers` False:
    the column 工号 holds the companies' own numbers and is not read. `set_aside_faulty`: import the good rows
    although others are faulty. `second_yes`: the leavers were looked at. `expected_version`: the roster version
    that the person saw.
    """

    named_contractors: tuple[str, ...] = ()
    post_answers: PostMapping = field(default_factory=dict)
    same_person: Mapping[RowRef, bool] = field(default_factory=dict)
    use_numbers: bool = True
    set_aside_faulty: bool = False
    second_yes: bool = False
    expected_version: int | None = None


def compare(
    current: RosterSnapshot,
    tables: Sequence[Table],
    *,
    request: ImportRequest,
    mapping: PostMapping,
    profiles: Sequence[PostProfile],
    today: date,
) -> RosterDiff:
    """What the file would change. Pure: same roster, file and answers, same result."""
    return _Comparison(current, tables, request, PostWords(mapping, profiles), today).diff()


class _Comparison:
    """One pass over the people of a file; every row gets exactly one outcome."""

    def __init__(
        self,
        current: RosterSnapshot,
        tables: Sequence[Table],
        request: ImportRequest,
        words: PostWords,
        today: date,
    ) -> None:
        self._current = current
        self._tables = tables
        self._words = words
        self._today = today
        self._register = Register(current)
        self._records = Records(current, self._register)
        self._companies = Companies.of(current, request.named_contractors)
        contractors = {c.id: c.name for c in current.contractors}
        reading = Reading(
            companies=self._companies,
            words=words,
            teams=frozenset(
                (key(contractors[t.contractor_id]), key(t.name)) for t in current.teams
            ),
            use_numbers=request.use_numbers,
            today=today,
        )
        rows = list(state(tables, reading))
        found, self._wrong = people(rows)
        self._people = with_lost_zeros(found, self._register)
        self._matches = match(self._people, self._register, request.same_person)
        self._places = Places(current, (person.stated for person in self._people))
        self._last_issued = max(
            current.last_issued,
            max(
                (int(m[1]) for w in current.workers if (m := OURS.fullmatch(w.number))), default=0
            ),
        )
        self._outcomes: dict[RowRef, RowOutcome] = {}
        self._changes: list[Change] = []
        self._written: list[WorkerFacts] = []
        self._kept: set[UUID] = set()
        self._open: dict[tuple[str, str], list[RowRef]] = {}
        self._questions: list[PersonQuestion] = []

    def diff(self) -> RosterDiff:
        for row in self._wrong:
            self._fail(row, (row.ref,), row.faults)
            if row.contractor:  # asked now, or it would be asked when the fault is mended
                self._open_words(row, (row.ref,))
        for person in self._people:
            self._settle(person, self._matches[person.stated.ref])
        left = self._left()
        refs = (table.ref(row) for table in self._tables for row in table.rows)
        return RosterDiff(
            outcomes=tuple(self._outcomes[ref] for ref in refs),
            left=left,
            changes=self._all_changes(left),
            post_questions=self._post_questions(),
            person_questions=tuple(self._questions),
            second_yes=self._second_yes(left),
            notes=self._notes(),
            dropped=tuple(dict.fromkeys(label for t in self._tables for label in t.dropped)),
        )

    # -- one person

    def _settle(self, person: Person, found: Match) -> None:
        row = person.stated
        if found.worker:
            self._kept.add(found.worker.id)
        if found.question:
            self._questions.append(found.question)
            self._kept.add(found.question.worker_id)
            self._ask(person, found.question.text)
        elif found.fault:
            self._fail(row, person.rows, (found.fault,))
        elif gone := self._goes(row):
            self._leave(person, found, gone)
        elif row.open_words:
            self._open_words(row, person.rows)
            self._ask(person, say.post_unknown(row.open_words))
        else:
            self._keep(person, found)

    def _goes(self, row: Stated) -> date | None:
        """The day on which the row says the person left; a day to come does not count yet."""
        if row.ended and row.ended <= self._today:
            return row.ended
        return self._today if row.status is Status.GONE else None

    def _leave(self, person: Person, found: Match, on: date) -> None:
        worker = found.worker
        if worker is None or found.back:
            self._tell(person, Verdict.UNCHANGED, say.ENDED_UNKNOWN)
            return
        left = Left(
            worker_id=worker.id,
            number=worker.number,
            name=worker.name,
            contractor=self._register.contractor_of(worker),
            on=on,
            inferred=False,
        )
        self._changes.append(left)
        self._tell(person, Verdict.LEFT, say.LEFT_SAID)

    def _keep(self, person: Person, found: Match) -> None:
        row, worker = person.stated, found.worker
        old = self._records.facts(worker) if worker else None
        if old is None:
            number = row.number or f"LB{self._last_issued + 1:06d}"
            facts = newcomer(row, self._places, number)
        else:
            facts = revised(row, old, self._places)
        if isinstance(facts, WorkerFacts) and (holder := self._holder(facts, worker)):
            facts = Fault(column=Column.WECOM, text=say.account_taken(holder))
        if isinstance(facts, Fault):
            self._fail(row, person.rows, (facts,))
            return
        if worker is None and not row.number:
            self._last_issued += 1
        self._write(person, found, old, facts)

    def _holder(self, facts: WorkerFacts, worker: Worker | None) -> str | None:
        """Who else here holds the account; somebody who left does not count."""
        holder = self._register.accounts.get((facts.wecom or "").casefold())
        if holder is None or (worker and holder == worker.id):
            return None
        other = self._register.by_id.get(holder)
        return other.name if other and other.ended is None else None

    def _write(
        self, person: Person, found: Match, old: WorkerFacts | None, facts: WorkerFacts
    ) -> None:
        if found.worker is None or old is None or found.back:
            returning = found.worker.id if found.worker else None
            self._changes.append(Joined(facts=facts, returning=returning))
            text = say.joined(facts.number, returning is not None)
            self._tell(person, Verdict.JOINED, text)
        elif fields := differences(old, facts):
            update = Updated(worker_id=found.worker.id, facts=facts, fields=fields)
            self._changes.append(update)
            verdict = Verdict.MOVED if update.moved else Verdict.CHANGED
            self._tell(person, verdict, say.updated(fields))
        else:
            self._tell(person, Verdict.UNCHANGED, say.UNCHANGED)
            return
        self._written.append(facts)

    # -- what a row is told

    def _tell(self, person: Person, verdict: Verdict, text: str) -> None:
        """The first row carries the verdict; further rows of the person point to it."""
        first, *others = person.rows
        name = person.stated.name
        self._outcomes[first] = RowOutcome(ref=first, name=name, verdict=verdict, text=text)
        for ref in others:
            self._outcomes[ref] = RowOutcome(
                ref=ref, name=name, verdict=Verdict.UNCHANGED, text=say.second_row(first)
            )

    def _ask(self, person: Person, text: str) -> None:
        for ref in person.rows:
            self._outcomes[ref] = RowOutcome(
                ref=ref, name=person.stated.name, verdict=Verdict.QUESTION, text=text
            )

    def _open_words(self, row: Stated, refs: Iterable[RowRef]) -> None:
        for word in row.open_words:
            self._open.setdefault((row.contractor, word), []).extend(refs)

    def _fail(self, row: Stated, refs: Iterable[RowRef], faults: tuple[Fault, ...]) -> None:
        text = "；".join(fault.text for fault in faults)
        for ref in refs:
            self._outcomes[ref] = RowOutcome(
                ref=ref, name=row.name, verdict=Verdict.ERROR, text=text, faults=faults
            )

    # -- the whole

    def _left(self) -> tuple[Left, ...]:
        """Said by a row, or missing from a file that is complete for the contractor."""
        said = [change for change in self._changes if isinstance(change, Left)]
        named = self._companies.named
        kept = self._kept | protected(self._register, self._unusable(), named)
        missing = [
            Left(
                worker_id=worker.id,
                number=worker.number,
                name=worker.name,
                contractor=contractor,
                on=self._today,
                inferred=True,
            )
            for contractor in named
            for worker in self._register.current(contractor)
            if worker.id not in kept
        ]
        return (*said, *missing)

    def _unusable(self) -> Iterable[Stated]:
        yield from self._wrong
        for person in self._people:
            found = self._matches[person.stated.ref]
            if found.fault or found.question:
                yield person.stated

    def _all_changes(self, left: Sequence[Left]) -> RosterChanges:
        written = self._written
        contractors = {c.name for c in self._current.contractors}
        new = dict.fromkeys(f.contractor for f in written if f.contractor not in contractors)
        teams = self._places.new_teams((f.contractor, f.team) for f in written)
        sites = [*(team.site for team in teams), *(f.site for f in written)]
        inferred = [change for change in left if change.inferred]
        return RosterChanges(
            base_version=self._current.version,
            new_contractors=tuple(new),
            new_sites=self._places.new_sites(sites),
            new_teams=teams,
            changes=(*self._changes, *inferred),
            last_issued=self._last_issued,
        )

    def _second_yes(self, left: Sequence[Left]) -> tuple[SecondYes, ...]:
        gone = Counter(change.contractor for change in left)
        return tuple(
            SecondYes(contractor=contractor, leavers=leavers, current=current)
            for contractor, leavers in gone.items()
            if leavers > LEAVERS_ALARM * (current := len(self._register.current(contractor)))
        )

    def _post_questions(self) -> tuple[PostQuestion, ...]:
        return tuple(
            PostQuestion(
                contractor=contractor,
                word=word,
                rows=tuple(rows),
                suggestions=self._words.suggest(word),
            )
            for (contractor, word), rows in self._open.items()
        )

    def _notes(self) -> tuple[Note, ...]:
        return tuple(note for table in self._tables for note in table.notes)
