"""People of a file ↔ workers of the roster: by number, then name and phone within the contractor, then by a yes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lianbot.domain.people import Worker
from lianbot.domain.roster import Column, Fault, PersonQuestion, RosterSnapshot, RowRef
from lianbot.flows.enrolment_cells import OURS, key
from lianbot.flows.enrolment_people import Person
from lianbot.flows.enrolment_rows import Stated
from lianbot.phrases import roster as say


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Who a person of the file is. `back`: the worker had left. No worker, fault or question: a newcomer."""

    worker: Worker | None = None
    back: bool = False
    fault: Fault | None = None
    question: PersonQuestion | None = None


NEWCOMER = Match()


class Register:
    """The roster, ready to be searched. Names compare without width, case and blanks."""

    def __init__(self, current: RosterSnapshot) -> None:
        self.contractors = {c.id: c.name for c in current.contractors}
        self.by_id = {w.id: w for w in current.workers}
        self.by_number = {w.number: w for w in current.workers}
        self.here: defaultdict[tuple[str, str], list[Worker]] = defaultdict(list)
        self.gone: defaultdict[tuple[str, str, str | None], list[Worker]] = defaultdict(list)
        self.by_phone: defaultdict[str, list[Worker]] = defaultdict(list)
        for worker in current.workers:
            contractor, name = self.contractor_of(worker), key(worker.name)
            if worker.ended is None:
                self.here[contractor, name].append(worker)
                if worker.phone:
                    self.by_phone[worker.phone].append(worker)
            else:
                self.gone[contractor, name, worker.phone].append(worker)
        self.accounts = {b.account.casefold(): b.worker_id for b in current.bindings}
        self.account_of = {b.worker_id: b.account for b in current.bindings}

    def contractor_of(self, worker: Worker) -> str:
        return self.contractors[worker.contractor_id]

    def current(self, contractor: str) -> list[Worker]:
        return [
            worker
            for (at, _), workers in self.here.items()
            if at == contractor
            for worker in workers
        ]


def match(
    people: Sequence[Person], register: Register, answers: Mapping[RowRef, bool]
) -> dict[RowRef, Match]:
    """Each person's match by first row. `answers`: the yes or no to questions of an earlier comparison."""
    matcher = _Matcher(register, answers)
    for settle in (matcher.by_number, matcher.by_name_and_phone):
        for person in people:
            if person.stated.ref not in matcher.found:
                settle(person.stated)
    matcher.by_name([p.stated for p in people if p.stated.ref not in matcher.found])
    return matcher.found


def with_lost_zeros(people: Sequence[Person], register: Register) -> list[Person]:
    """A number that Excel took for a figure lost its zeros in front (0017 → 17): give them back.

    Only where the roster has exactly one such number, the name agrees, and no other row comes to the same figure.
    """
    short: defaultdict[str, list[Worker]] = defaultdict(list)
    for number, worker in register.by_number.items():
        if number.startswith("0") and number.isdigit():
            short[number.lstrip("0")].append(worker)
    figures = Counter((person.stated.number or "").lstrip("0") for person in people)
    return [_lengthened(person, short, figures, register) for person in people]


def _lengthened(
    person: Person,
    short: Mapping[str, list[Worker]],
    figures: Mapping[str, int],
    register: Register,
) -> Person:
    row = person.stated
    if not row.number or row.number in register.by_number:
        return person
    figure = row.number.lstrip("0")
    match short.get(figure, []):
        case [worker] if figures[figure] == 1 and key(worker.name) == key(row.name):
            return replace(person, stated=replace(row, number=worker.number))
        case _:
            return person


class _Matcher:
    """Three passes, the surest first, so that a sure match is never taken by a weaker one."""

    def __init__(self, register: Register, answers: Mapping[RowRef, bool]) -> None:
        self._register = register
        self._answers = answers
        self._claimed: set[UUID] = set()
        self.found: dict[RowRef, Match] = {}

    def by_number(self, row: Stated) -> None:
        if not row.number:
            return
        worker = self._register.by_number.get(row.number)
        if worker is None:
            if OURS.fullmatch(row.number):
                self._refuse(row, Column.NUMBER, say.NUMBER_OURS)
            return
        same_name = key(worker.name) == key(row.name)
        contractor = self._register.contractor_of(worker)
        if worker.ended is not None:
            if same_name:
                self._take(row, worker, back=True)
            else:
                self._refuse(row, Column.NUMBER, say.number_of_leaver(worker.name))
        elif contractor != row.contractor:
            self._elsewhere(row, worker, contractor, same_name)
        elif same_name:
            self._take(row, worker)
        else:
            question = say.ask_new_name(row.number, worker.name, row.name)
            self._ask(row, worker, question, no=say.number_is_others(worker.name))

    def _elsewhere(self, row: Stated, worker: Worker, contractor: str, same_name: bool) -> None:
        """The number stands at another contractor: a move, or two companies' own numbers that happen to meet."""
        other = say.number_elsewhere(contractor)
        if not same_name:
            self._refuse(row, Column.NUMBER, other)
        elif row.phone and worker.phone and row.phone != worker.phone:
            question = say.ask_moved(row.name, contractor, row.number or "")
            self._ask(row, worker, question, no=other)
        else:
            self._take(row, worker)

    def by_name_and_phone(self, row: Stated) -> None:
        candidates = [w for w in self._free(row) if w.phone == row.phone]
        if row.number and not row.phone:
            return
        if len(candidates) > 1:
            self._refuse(row, Column.NAME, say.TWINS_ON_ROSTER)
        elif candidates and (not row.number or OURS.fullmatch(candidates[0].number)):
            self._take(row, candidates[0])
        elif candidates:
            old = candidates[0].number
            self._ask(row, candidates[0], say.ask_new_number(row.name, old, row.number or ""))

    def by_name(self, rows: Sequence[Stated]) -> None:
        """The rest: the name alone counts only where it is one person on both sides and no phone speaks against it."""
        same = Counter((row.contractor, key(row.name)) for row in rows)
        for row in rows:
            candidates = [w for w in self._free(row) if not row.number or OURS.fullmatch(w.number)]
            if not candidates:
                self._newcomer_or_back(row)
            elif len(candidates) > 1 or same[row.contractor, key(row.name)] > 1:
                self._refuse(row, Column.NAME, say.TWINS_ON_ROSTER)
            elif row.phone and candidates[0].phone:
                self._ask(row, candidates[0], say.ask_new_phone(row.name))
            else:
                self._take(row, candidates[0])

    def _newcomer_or_back(self, row: Stated) -> None:
        gone = self._register.gone.get((row.contractor, key(row.name), row.phone), [])
        known = [w for w in gone if not row.number or OURS.fullmatch(w.number)]
        if row.phone and len(known) == 1 and known[0].id not in self._claimed:
            self._take(row, known[0], back=True)
        else:
            self.found[row.ref] = NEWCOMER

    def _free(self, row: Stated) -> list[Worker]:
        named = self._register.here.get((row.contractor, key(row.name)), [])
        return [worker for worker in named if worker.id not in self._claimed]

    def _take(self, row: Stated, worker: Worker, *, back: bool = False) -> None:
        self._claimed.add(worker.id)
        self.found[row.ref] = Match(worker=worker, back=back)

    def _refuse(self, row: Stated, column: Column, text: str) -> None:
        self.found[row.ref] = Match(fault=Fault(column=column, text=text))

    def _ask(self, row: Stated, worker: Worker, text: str, *, no: str | None = None) -> None:
        """Yes: this worker. No: the fault `no`, or a newcomer where there is none. No answer yet: a question."""
        match self._answers.get(row.ref):
            case True:
                self._take(row, worker)
            case False:
                fault = Fault(column=Column.NUMBER, text=no) if no else None
                self.found[row.ref] = Match(fault=fault)
            case None:
                self._claimed.add(worker.id)
                question = PersonQuestion(
                    ref=row.ref, name=row.name, worker_id=worker.id, text=text
                )
                self.found[row.ref] = Match(question=question)


def protected(register: Register, rows: Iterable[Stated], contractors: Sequence[str]) -> set[UUID]:
    """Workers whom a row that cannot be used may mean: they are on the file, so nobody may call them gone."""
    kept: set[UUID] = set()
    for row in rows:
        if row.number and (worker := register.by_number.get(row.number)):
            kept.add(worker.id)
        for worker in register.by_phone.get(row.phone or "", []):
            kept.add(worker.id)
        for contractor in [row.contractor] if row.contractor else contractors:
            kept.update(w.id for w in register.here.get((contractor, key(row.name)), []))
    return kept
