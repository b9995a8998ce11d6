"""The people referred: who they are, and that their dates tell a story that can be true.

Source: cohort files (evaluation), patients.csv, checks across rows and more errors.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from outcomes.rules.cohort.checks.programme import the_clinic
from outcomes.rules.cohort.columns import DEATH, DIED
from outcomes.rules.cohort.problems import Problem, quoted
from outcomes.rules.cohort.rows import PatientRow
from outcomes.rules.cohort.tables import Tables

FILE = "patients.csv"


def people_by_ref(tables: Tables) -> Mapping[str, PatientRow | None]:
    """patient_ref to its row; None where the reference stands on two rows, so that its dates are unsure."""
    rows = [row for row in tables.patients.rows if row.reads("patient_ref")]
    times = Counter(row.patient_ref for row in rows)
    return {row.patient_ref: row if times[row.patient_ref] == 1 else None for row in rows}


def check_refs_are_unique(tables: Tables) -> Iterator[Problem]:
    """No reference stands on two rows of patients.csv."""
    first: dict[str, int] = {}
    for row in tables.patients.rows:
        if not row.reads("patient_ref"):
            continue
        if row.patient_ref in first:
            yield Problem(
                FILE,
                row.line,
                "patient_ref",
                f"{quoted(row.patient_ref)} already stands on line {first[row.patient_ref]}; "
                "write one row for each person.",
            )
        else:
            first[row.patient_ref] = row.line


def check_refs_are_known(tables: Tables) -> Iterator[Problem]:
    """Every person named in another file stands in patients.csv.

    Where rows of patients.csv have a reference that cannot be read, a reference that seems to be lacking may
    be one of those: nothing is said as long as they could account for all that lack.
    """
    if not tables.patients.readable or "patient_ref" in tables.patients.lost:
        return
    known = {row.patient_ref for row in tables.patients.rows if row.reads("patient_ref")}
    unread = [_probably(text) for text in tables.patients.unread_refs]
    meant = frozenset(unread)
    lacking = [
        (file, row.line, row.patient_ref)
        for file, rows in tables.about_people().items()
        for row in rows
        if row.patient_ref not in known and row.reads("patient_ref") and row.patient_ref not in meant
    ]
    named = {row.patient_ref for rows in tables.about_people().values() for row in rows} if unread else set()
    if len({ref for _, _, ref in lacking}) <= sum(ref not in named for ref in unread):
        return
    for file, line, ref in lacking:
        yield Problem(
            file,
            line,
            "patient_ref",
            f"{quoted(ref)} is not a patient_ref of patients.csv; add the person there or correct it.",
        )


def _probably(text: str) -> str:
    """The reference that a refused cell most likely means."""
    return "".join(character for character in text if character.isprintable()).strip().lstrip("=+-@").strip()


def check_dates(tables: Tables) -> Iterator[Problem]:
    """Dates in order, a start not before the clinic opened, and no start of a person who is not eligible."""
    clinic = the_clinic(tables)
    opened_on = clinic.opened_on if clinic and clinic.reads("opened_on") else None
    for row in tables.patients.rows:
        yield from _out_of_order(row)
        if row.started_on is None:
            continue
        if opened_on is not None and row.started_on < opened_on:
            yield _at(
                row,
                "started_on",
                f'"{row.started_on}" is before opened_on in programme.csv; correct one of the two.',
            )
        if row.eligible is False:
            yield _at(
                row,
                "started_on",
                f'"{row.started_on}" is the start of a person marked not eligible; correct one of the two.',
            )


def _out_of_order(row: PatientRow) -> Iterator[Problem]:
    dated: tuple[tuple[str, date | None], ...] = (
        ("referred_on", row.referred_on),
        ("assessed_on", row.assessed_on),
        ("started_on", row.started_on),
        ("exited_on", row.exited_on),
    )
    there = [(column, day) for column, day in dated if day is not None]
    for (earlier, earlier_day), (column, day) in pairwise(there):
        if day < earlier_day:
            yield _at(row, column, f'"{day}" is before {earlier}; correct one of the two.')


def check_exits(tables: Tables) -> Iterator[Problem]:
    """A date and a reason of the exit or neither, and a death event for everyone who died."""
    may_have_died = _people_with_a_death_event(tables)
    for row in tables.patients.rows:
        if row.reads("exited_on", "exit_reason"):
            if row.exited_on is not None and row.exit_reason is None:
                yield _at(row, "exit_reason", "is empty but exited_on is not; write why treatment ended.")
            if row.exited_on is None and row.exit_reason is not None:
                yield _at(row, "exited_on", "is empty but exit_reason is not; write when treatment ended.")
        if (
            row.exit_reason == DIED
            and may_have_died is not None
            and row.reads("patient_ref")
            and row.patient_ref not in may_have_died
        ):
            yield _at(
                row,
                "exit_reason",
                '"died" stands without a death event; add the death to events.csv or correct the reason.',
            )


def _people_with_a_death_event(tables: Tables) -> frozenset[str] | None:
    """References of those with a death event; None where a row that cannot be read may be anybody's."""
    possible = [row for row in tables.events.rows if row.category == DEATH or not row.reads("category")]
    if not tables.events.readable or not all(row.reads("patient_ref") for row in possible):
        return None
    return frozenset(row.patient_ref for row in possible)


def _at(row: PatientRow, column: str, message: str) -> Problem:
    return Problem(FILE, row.line, column, message)
