"""A folder against what the app already knows of its clinic: the same clinic, and nobody imported twice.

Source: cohort files (evaluation).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from outcomes.rules.cohort.checks.programme import is_a_period, the_clinic
from outcomes.rules.cohort.periods import Periods
from outcomes.rules.cohort.problems import Problem, quoted
from outcomes.rules.cohort.tables import Tables


@dataclass(frozen=True, slots=True)
class EarlierImport:
    """An import that was stored: how the app names it, and its Europe/London date."""

    name: str
    imported_on: date

    def __str__(self) -> str:
        return f"import {self.name} of {self.imported_on.isoformat()}"


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    """A clinic that the app already has, and what was imported into it.

    `imported` maps a patient_ref to the import that brought it, `folders` the folder_sha256 of an imported
    folder to its import. `phases` are the stored phases as half-open (from, to), to None where it goes on.
    """

    clinic_code: str
    clinic_name: str
    opened_on: date
    places: int
    sessions_per_day: int
    imported: Mapping[str, EarlierImport] = field(default_factory=dict)
    folders: Mapping[str, EarlierImport] = field(default_factory=dict)
    phases: tuple[tuple[date, date | None], ...] = ()


def check_clinic(tables: Tables, facts: ClinicFacts) -> Iterator[Problem]:
    """programme.csv says of the clinic what the app already knows of it."""
    row = the_clinic(tables)
    if row is None:
        return
    compared: tuple[tuple[str, object, object], ...] = (
        ("clinic_code", row.clinic_code, facts.clinic_code),
        ("clinic_name", row.clinic_name, facts.clinic_name),
        ("opened_on", row.opened_on, facts.opened_on),
        ("places", row.places, facts.places),
        ("sessions_per_day", row.sessions_per_day, facts.sessions_per_day),
    )
    for column, here, known in compared:
        if row.reads(column) and here != known:
            yield Problem(
                "programme.csv",
                row.line,
                column,
                f"{quoted(str(here))} differs from the clinic {facts.clinic_code} as it is already stored, "
                f"{quoted(str(known))}; correct one of the two.",
            )


def already_imported(facts: ClinicFacts, sha256: str) -> Problem:
    """The one problem of a folder whose very content was imported before."""
    return Problem(
        "",
        0,
        "",
        f"this folder was already imported into clinic {facts.clinic_code} by {facts.folders[sha256]}; "
        "there is nothing to import again.",
    )


def check_people_are_new(tables: Tables, facts: ClinicFacts) -> Iterator[Problem]:
    """Nobody of the folder was imported into the clinic before."""
    for row in tables.patients.rows:
        earlier = facts.imported.get(row.patient_ref) if row.reads("patient_ref") else None
        if earlier is not None:
            yield Problem(
                "patients.csv",
                row.line,
                "patient_ref",
                f"{quoted(row.patient_ref)} was already imported into clinic {facts.clinic_code} "
                f"by {earlier}; leave out the people who are already there.",
            )


def check_phases_are_new(tables: Tables, facts: ClinicFacts) -> Iterator[Problem]:
    """No phase of the folder overlaps one that is already stored: phases of one clinic do not overlap."""
    stored = Periods()
    for start, end in facts.phases:
        stored.claim(start, end, 0)
    for row in tables.phases.rows:
        if is_a_period(row) and stored.meets(row.from_on, row.to_on) is not None:
            yield Problem(
                "phases.csv",
                row.line,
                "from",
                f'"{row.from_on}" begins a phase that overlaps one already stored for clinic '
                f"{facts.clinic_code}; leave out the phases that are already there.",
            )
