"""Sessions offered and doses given: once, in a session the clinic has, in treatment, within limits.

Source: cohort files (evaluation), attendance.csv, checks across rows and more errors; for the limits, rule 11
(clinical rules).
"""

from collections.abc import Iterator, Mapping
from datetime import date

from outcomes.rules.cohort.checks.patients import people_by_ref
from outcomes.rules.cohort.checks.programme import SessionsOffered
from outcomes.rules.cohort.columns import DAY_LIMIT_MG, OUTCOMES_WITH_DOSE
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.rows import AttendanceRow, PatientRow
from outcomes.rules.cohort.tables import Tables

FILE = "attendance.csv"

_MUST_BE_EMPTY = {
    "dose_mg": "must be empty, since the outcome is neither given nor given_reduced; empty it.",
    "reason": "must be empty, since the outcome is given or given_reduced; empty it.",
}
_MUST_BE_FILLED = {
    "dose_mg": "is empty; write the milligrams, since the outcome is given or given_reduced.",
    "reason": "is empty; write why, since the outcome is neither given nor given_reduced.",
}


def check_sessions(tables: Tables) -> Iterator[Problem]:
    """A session that the clinic offers on that day, and one row for each person, date and session."""
    offered = SessionsOffered(tables)
    lines: dict[tuple[str, date, str], int] = {}
    for row in tables.attendance.rows:
        if row.reads("date", "session"):
            sessions = offered.on(row.on)
            if row.session not in sessions:
                yield _at(
                    row,
                    "session",
                    f'"{row.session}" is not a session that the clinic offers on this day; '
                    f"it offers {' '.join(sessions)}.",
                )
        if row.reads("patient_ref", "date", "session"):
            earlier = lines.setdefault((row.patient_ref, row.on, row.session), row.line)
            if earlier != row.line:
                yield _at(
                    row,
                    "session",
                    f'"{row.session}" of this person and date already stands on line {earlier}; '
                    "keep one of the two.",
                )


def check_doses(tables: Tables) -> Iterator[Problem]:
    """A dose exactly where one was given, a reason everywhere else, a day's total within its limit."""
    lost = tables.attendance.lost
    totals: dict[tuple[str, date], int] = {}
    counted: set[tuple[str, date, str]] = set()
    for row in tables.attendance.rows:
        if not row.reads("outcome"):
            continue
        dosed = row.outcome in OUTCOMES_WITH_DOSE
        needed, unneeded = ("dose_mg", "reason") if dosed else ("reason", "dose_mg")
        if _is_filled(row, unneeded, lost):
            yield _at(row, unneeded, _MUST_BE_EMPTY[unneeded])
        if getattr(row, needed) is None and row.reads(needed):
            yield _at(row, needed, _MUST_BE_FILLED[needed])
        if not dosed or row.dose_mg is None or not row.reads("patient_ref", "date", "session"):
            continue
        session = (row.patient_ref, row.on, row.session)
        if session in counted:  # a session that stands twice is reported once, as such
            continue
        counted.add(session)
        before = totals.get(session[:2], 0)
        totals[session[:2]] = before + row.dose_mg
        if before <= DAY_LIMIT_MG < before + row.dose_mg:
            yield _at(
                row,
                "dose_mg",
                f'"{row.dose_mg}" takes the total of this person and day over {DAY_LIMIT_MG} mg; '
                "correct the doses of the day.",
            )


def _is_filled(row: AttendanceRow, column: str, lost: frozenset[str]) -> bool:
    """True when the cell holds something, even something that cannot be read."""
    return getattr(row, column) is not None or (not row.reads(column) and column not in lost)


def check_treatment(tables: Tables) -> Iterator[Problem]:
    """Every row on a day of treatment: started_on <= date < exited_on."""
    people = people_by_ref(tables)
    for row in tables.attendance.rows:
        if not row.reads("patient_ref", "date"):
            continue
        person = people.get(row.patient_ref)
        if person is None:
            continue
        where = f"of the person (patients.csv line {person.line})"
        if person.started_on is None:
            if person.reads("started_on"):
                yield _at(
                    row, "date", f'"{row.on}" is outside treatment: started_on {where} is empty; fill it in.'
                )
        elif row.on < person.started_on:
            yield _at(row, "date", f'"{row.on}" is outside treatment: it is before started_on {where}.')
        if person.exited_on is not None and row.on >= person.exited_on:
            yield _at(
                row,
                "date",
                f'"{row.on}" is outside treatment: it is not before exited_on {where}, '
                "whose day is no longer treatment.",
            )


def check_first_doses(tables: Tables) -> Iterator[Problem]:
    """started_on is the date of the first given dose of everyone who has attendance rows."""
    if not tables.attendance.readable:
        return
    first = _first_given(tables)
    earliest_doubt = _earliest_doubt(tables)
    with_rows = {row.patient_ref for row in tables.attendance.rows if row.reads("patient_ref")}
    for person in people_by_ref(tables).values():
        if person is None or person.patient_ref not in with_rows or not person.reads("started_on"):
            continue
        dose = first.get(person.patient_ref)
        doubt = min(earliest_doubt.get(ref, date.max) for ref in (person.patient_ref, None))
        if doubt < (dose.on if dose else date.max):
            continue
        if dose is None:
            yield _started(person, "attendance.csv has sessions of this person but no given dose")
        elif person.started_on != dose.on:
            yield _started(
                person, f"the first given dose of this person is on attendance.csv line {dose.line}"
            )


def _first_given(tables: Tables) -> Mapping[str, AttendanceRow]:
    first: dict[str, AttendanceRow] = {}
    for row in tables.attendance.rows:
        if row.reads("patient_ref", "date", "outcome") and row.outcome in OUTCOMES_WITH_DOSE:
            earlier = first.get(row.patient_ref)
            if earlier is None or row.on < earlier.on:
                first[row.patient_ref] = row
    return first


def _earliest_doubt(tables: Tables) -> Mapping[str | None, date]:
    """For each person (None: anybody) the first day on which an unreadable row may be a given dose."""
    doubts: dict[str | None, date] = {}
    for row in tables.attendance.rows:
        if row.reads("patient_ref", "date", "outcome"):
            continue
        if row.reads("outcome") and row.outcome not in OUTCOMES_WITH_DOSE:
            continue
        ref = row.patient_ref if row.reads("patient_ref") else None
        day = row.on if row.reads("date") else date.min
        doubts[ref] = min(day, doubts.get(ref, day))
    return doubts


def _started(person: PatientRow, finding: str) -> Problem:
    if person.started_on is None:
        message = f"is empty, but {finding}; fill it in."
    else:
        message = (
            f'"{person.started_on}" is not the date of the first given dose: {finding}; '
            "correct one of the two."
        )
    return Problem("patients.csv", person.line, "started_on", message)


def _at(row: AttendanceRow, column: str, message: str) -> Problem:
    return Problem(FILE, row.line, column, message)
