"""The answer to a roster file: the same rows with a column 处理结果, and a summary in front."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lianbot.domain.roster import RosterDiff, RowOutcome, RowRef, Table, Verdict
from lianbot.phrases import roster as say
from lianbot.sheets.writing import Page, Painted, Tone, Value, write_table

_TONES: dict[Verdict, Tone | None] = {
    Verdict.JOINED: Tone.GOOD,
    Verdict.LEFT: Tone.CARE,
    Verdict.MOVED: Tone.NEWS,
    Verdict.CHANGED: Tone.NEWS,
    Verdict.UNCHANGED: None,
    Verdict.QUESTION: Tone.CARE,
    Verdict.ERROR: Tone.BAD,
}


def write_result(path: Path, tables: Sequence[Table], diff: RosterDiff) -> None:
    """Write the workbook. Columns that were dropped unread are not in it, and it says which."""
    outcomes = {outcome.ref: outcome for outcome in diff.outcomes}
    pages = [
        Page(
            name=say.SUMMARY_SHEET,
            head=say.SUMMARY_HEAD,
            rows=_summary(diff),
            widths=(16, 22, 10, 80),
        )
    ]
    pages += [_page(table, outcomes) for table in tables]
    write_table(path, pages)


def _page(table: Table, outcomes: dict[RowRef, RowOutcome]) -> Page:
    return Page(
        name=table.sheet,
        head=(*table.head, say.RESULT_COLUMN),
        rows=((*row.values, _told(outcomes.get(table.ref(row)))) for row in table.rows),
        widths=(*(14 for _ in table.head), 60),
    )


def _told(outcome: RowOutcome | None) -> Value | Painted:
    if outcome is None:
        return ""
    tone = _TONES[outcome.verdict]
    words = say.verdict_text(outcome)
    return Painted(value=words, tone=tone) if tone else words


def _summary(diff: RosterDiff) -> Iterator[tuple[Value | Painted, ...]]:
    for verdict in Verdict:
        tone, count = _TONES[verdict], diff.count(verdict)
        name = say.VERDICT_NAMES[verdict]
        yield (Painted(value=name, tone=tone) if tone else name, "", count, "")
    for alarm in diff.second_yes:
        text = say.second_yes(alarm.contractor, alarm.leavers, alarm.current)
        yield (say.SUMMARY_ALARM, alarm.contractor, alarm.leavers, text)
    for left in diff.left:
        yield (say.SUMMARY_LEFT, left.contractor, "", say.leaver(left))
    for question in diff.post_questions:
        yield (
            say.SUMMARY_QUESTION,
            question.contractor,
            len(question.rows),
            say.post_question(question),
        )
    for asked in diff.person_questions:
        yield (say.SUMMARY_QUESTION, asked.ref.sheet, asked.ref.row, asked.text)
    yield from _new_places(diff)
    if diff.dropped:
        yield (say.SUMMARY_DROPPED, "", len(diff.dropped), say.dropped_columns(diff.dropped))
    for note in diff.notes:
        yield (say.SUMMARY_NOTE, note.sheet, note.row, note.text)


def _new_places(diff: RosterDiff) -> Iterator[tuple[Value, ...]]:
    for name in diff.changes.new_contractors:
        yield (say.SUMMARY_NEW, "", "", say.new_contractor(name))
    for name in diff.changes.new_sites:
        yield (say.SUMMARY_NEW, "", "", say.new_site(name))
    for team in diff.changes.new_teams:
        yield (say.SUMMARY_NEW, team.contractor, "", say.new_team(team.name, team.site))
