"""A folder against what the app already knows of its clinic: the same clinic, and nobody imported twice.

Source: cohort files (evaluation).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from outcomes.rules.cohort.checks.programme import the_clinic
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
    folder to its import.
    """

    clinic_code: str
    clinic_name: str
    opened_on: date
    places: int
    sessions_per_day: int
    imported: Mapping[str, EarlierImport] = field(default_factory=dict)
    folders: Mapping[str, EarlierImport] = field(default_factory=dict)


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


def check_not_imported(tables: Tables, facts: ClinicFacts, sha256: str) -> Iterator[Problem]:
    """Neither this very folder nor one of its people was imported into the clinic before."""
    same = facts.folders.get(sha256)
    if same is not None:
        yield Problem(
            "",
            0,
            "",
            f"this folder was already imported into clinic {facts.clinic_code} by {same}; "
            "there is nothing to import again.",
        )
        return
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
