"""A cohort folder held against what a clinic already has."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from hat_clinic.accounts.models import Clinic, Phase
from hat_clinic.core.clock import london_date
from outcomes.models import OffenceType
from outcomes.queries.cohort import load_folder
from outcomes.rules.cohort.checks.clinic import ClinicFacts, EarlierImport
from outcomes.rules.cohort.folder import CheckedCohort, check_cohort, read_clinic_code
from patients.models import ImportRun
from patients.queries import list_imported_refs


def check_folder(folder: Path, *, at: datetime) -> CheckedCohort:
    """Read a folder and hold it against its format and against what the app knows of its clinic.

    Raises FolderUnreadable when there is no folder. Stores nothing.
    """
    loaded = load_folder(folder)
    today = london_date(at)
    code = read_clinic_code(loaded.files, today=today)
    return check_cohort(
        loaded.files,
        today=today,
        offence_codes=frozenset(OffenceType.objects.values_list("code", flat=True)),
        clinic_state=_get_clinic_facts(code) if code else None,
        found=loaded.problems,
    )


def _get_clinic_facts(code: str) -> ClinicFacts | None:
    clinic = Clinic.objects.filter(code=code).first()
    if clinic is None:
        return None
    return ClinicFacts(
        clinic_code=clinic.code,
        clinic_name=clinic.name,
        opened_on=clinic.opened_on,
        places=clinic.places,
        sessions_per_day=clinic.sessions_per_day,
        imported={ref: _earlier(run) for ref, run in list_imported_refs(clinic.id).items()},
        folders={run.folder_sha256: _earlier(run) for run in ImportRun.objects.filter(clinic=clinic)},
        phases=tuple(
            (phase.during.lower, phase.during.upper)
            for phase in Phase.objects.filter(clinic=clinic, during__isempty=False)
        ),
    )


def _earlier(run: ImportRun) -> EarlierImport:
    return EarlierImport(name=str(run.id)[:8], imported_on=london_date(run.imported_at))
