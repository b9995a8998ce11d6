"""A cohort folder as a whole: read, checked, and either a cohort or every problem in it.

Source: cohort files (evaluation).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from outcomes.rules.cohort.checks.attendance import (
    check_doses,
    check_first_doses,
    check_sessions,
    check_treatment,
)
from outcomes.rules.cohort.checks.clinic import (
    ClinicFacts,
    already_imported,
    check_clinic,
    check_people_are_new,
    check_phases_are_new,
)
from outcomes.rules.cohort.checks.measures import check_custody, check_forms, check_housing, check_samples
from outcomes.rules.cohort.checks.patients import (
    check_dates,
    check_exits,
    check_refs_are_known,
    check_refs_are_unique,
)
from outcomes.rules.cohort.checks.programme import check_periods, check_phases, check_programme
from outcomes.rules.cohort.columns import FILE_NAMES, FORMAT_OF, REQUIRED_FILES
from outcomes.rules.cohort.problems import Problem, in_order, quoted, shown
from outcomes.rules.cohort.reading import read_table
from outcomes.rules.cohort.rows import Cohort, ProgrammeRow
from outcomes.rules.cohort.tables import Tables, read_tables

ACROSS_ROWS = (
    check_programme,
    check_periods,
    check_phases,
    check_refs_are_unique,
    check_refs_are_known,
    check_dates,
    check_exits,
    check_sessions,
    check_doses,
    check_treatment,
    check_first_doses,
    check_forms,
    check_samples,
    check_custody,
    check_housing,
)


@dataclass(frozen=True, slots=True)
class CheckedCohort:
    """`cohort` is None exactly when there are problems. `counts` gives the rows of every file that is there,
    header and blank lines not counted; `sha256` names the folder's content."""

    cohort: Cohort | None
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]
    sha256: str


def check_cohort(
    files: Mapping[str, bytes],
    *,
    today: date,
    offence_codes: frozenset[str],
    clinic_state: ClinicFacts | None,
    found: Iterable[Problem] = (),
) -> CheckedCohort:
    """All checks of a cohort folder at once.

    `files` maps the name of each `.csv` to its bytes; `found` are the problems met when the folder was read,
    whose files are not called missing as well. `today` is the Europe/London date, `offence_codes` the codes
    of the offence table, `clinic_state` the clinic of this code where the app already has it.
    """
    problems = list(found)
    refused = frozenset(problem.file for problem in problems)
    problems += (unknown_file(name) for name in files if name not in FORMAT_OF)
    problems += _missing_files(files, refused)

    tables, unread = read_tables(files, today=today, offence_codes=offence_codes, refused=refused)
    problems += unread
    for check in ACROSS_ROWS:
        problems += check(tables)
    sha256 = folder_sha256(files)
    if clinic_state is not None:
        problems += check_clinic(tables, clinic_state)
        if sha256 in clinic_state.folders:  # its people and phases are then all there: say the one thing
            problems.append(already_imported(clinic_state, sha256))
        else:
            problems += check_people_are_new(tables, clinic_state)
            problems += check_phases_are_new(tables, clinic_state)
    return CheckedCohort(
        cohort=None if problems else tables.cohort(),
        problems=in_order(problems),
        counts=_counts(files, tables),
        sha256=sha256,
    )


def read_clinic_code(files: Mapping[str, bytes], *, today: date) -> str | None:
    """The clinic code of programme.csv, by which the app finds its ClinicFacts; None where it has none."""
    name = "programme.csv"
    if name not in files:
        return None
    table, _ = read_table(files[name], file_format=FORMAT_OF[name], make=ProgrammeRow, today=today)
    row = table.rows[0] if len(table.rows) == 1 else None
    return row.clinic_code if row is not None and row.reads("clinic_code") else None


def folder_sha256(files: Mapping[str, bytes]) -> str:
    """SHA-256 in hexadecimal over the known files in order of name, each name and content after its length
    (8 bytes, most significant first)."""
    digest = hashlib.sha256()
    for name in sorted(files.keys() & set(FILE_NAMES)):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def unknown_file(name: str) -> Problem:
    """The problem of a `.csv` whose name is not one of the folder's."""
    if name.lower() in FORMAT_OF:
        sentence = f"the name is written in the wrong case; rename the file to {name.lower()}."
    else:
        sentence = (
            f"{quoted(name)} is not a file of a cohort folder; remove it or rename it to one of "
            f"{', '.join(FILE_NAMES)}."
        )
    return Problem(shown(name), 0, "", sentence)


def _missing_files(files: Mapping[str, bytes], refused: frozenset[str]) -> Iterator[Problem]:
    for name in REQUIRED_FILES:
        if name not in files and name not in refused:
            yield Problem(name, 0, "", "the file is missing; a cohort folder must have it.")


def _counts(files: Mapping[str, bytes], tables: Tables) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for name in FILE_NAMES:
        if name in files:
            counts[name] = len(getattr(tables, name.removesuffix(".csv")).rows)
    return counts
