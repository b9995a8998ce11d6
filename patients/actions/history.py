"""People and events taken in from earlier records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from patients.models import Episode, ImportRun, Incident, Person


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """One person of an imported folder: known by a reference only. `accepted_on` goes with `started_on`."""

    ref: str
    sex: str
    birth_year: int | None
    accepted_on: date
    started_on: date | None
    exited_on: date | None
    exit_reason: str


@dataclass(frozen=True, slots=True)
class ImportedIncident:
    """One safety event of an imported folder."""

    ref: str
    happened_on: date
    category: str
    on_site: bool
    naloxone_given: bool | None
    place: str
    is_drug_related: bool | None


@dataclass(frozen=True, slots=True)
class ImportedPeople:
    """What stands after the people were stored: the run, and person and episode by reference."""

    run: ImportRun
    people: dict[str, Person]
    episodes: dict[str, Episode]


def import_history(
    *,
    clinic: Clinic,
    folder_sha256: str,
    counts: dict[str, int],
    people: Iterable[ImportedPerson],
    incidents: Iterable[ImportedIncident],
    is_invented: bool,
    by: User,
    at: datetime,
) -> ImportedPeople:
    """Store the people, episodes and incidents of a checked folder, in the caller's transaction.

    The database refuses the same folder for the same clinic twice (one_import_of_a_folder_per_clinic).
    """
    run = ImportRun.objects.create(
        clinic=clinic, folder_sha256=folder_sha256, imported_at=at, imported_by=by, counts=counts
    )
    stored: dict[str, Person] = {}
    episodes: dict[str, Episode] = {}
    for row in people:
        stored[row.ref] = Person(
            sex=row.sex,
            birth_year=row.birth_year,
            is_invented=is_invented,
            import_run=run,
            imported_ref=row.ref,
        )
        if row.started_on is not None:
            episodes[row.ref] = Episode(
                person=stored[row.ref],
                clinic=clinic,
                accepted_on=row.accepted_on,
                started_on=row.started_on,
                exited_on=row.exited_on,
                exit_reason=row.exit_reason,
                import_run=run,
            )
    Person.objects.bulk_create(stored.values(), batch_size=500)
    Episode.objects.bulk_create(episodes.values(), batch_size=500)
    Incident.objects.bulk_create(
        (
            Incident(
                clinic=clinic,
                person=stored[row.ref],
                happened_on=row.happened_on,
                category=row.category,
                on_site=row.on_site,
                naloxone_given=row.naloxone_given,
                place=row.place,
                is_drug_related=row.is_drug_related,
                import_run=run,
            )
            for row in incidents
        ),
        batch_size=500,
    )
    record("patients.history_imported", by=by, at=at, clinic=clinic.id, thing=run, people=len(stored))
    return ImportedPeople(run=run, people=stored, episodes=episodes)
