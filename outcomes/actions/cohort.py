"""Taking in a cohort folder: checked as a whole, stored as a whole, or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from dosing.actions import history as dosing_history
from hat_clinic.accounts.actions import open_clinic
from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.transactions import take_time
from outcomes import models
from outcomes.actions.evaluation.extract import freeze_extract
from outcomes.queries.imports import check_folder
from outcomes.rules.cohort import rows
from outcomes.rules.cohort.folder import CheckedCohort
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS
from patients import actions as patients_history
from patients.actions import ImportedPeople
from referrals import actions as referrals_history

BATCH = 500
WAIT_FOR_OTHERS = "2min"
LOCK_NOT_AVAILABLE = "55P03"


class CohortRefused(Exception):
    """Nothing was stored; `problems` holds every problem with file, line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class ImportBusy(Exception):
    """Nothing was stored: another import did not end while this one waited for it."""


def import_cohort(*, folder: Path, is_invented: bool, by: User, at: datetime) -> dict[str, int]:
    """Store a checked folder as history, and return the rows per file.

    Imports follow each other, so that each is checked against what the one before it stored. The clinic is
    opened when its code is new. The months that are over are frozen at once, so that the first report need not
    read years of sessions. Raises CohortRefused with every problem, or ImportBusy; then nothing is stored.
    """
    with transaction.atomic(durable=True):
        _wait_for_other_imports()
        checked = check_folder(folder, at=at)
        if checked.problems or checked.cohort is None:
            raise CohortRefused(tuple(checked.problems))
        _store(checked.cohort, checked, is_invented=is_invented, by=by, at=at)
    return dict(checked.counts)


def _wait_for_other_imports() -> None:
    """One import at a time, until the end of the transaction; reading a large folder is no idling."""
    take_time("0", wait=WAIT_FOR_OTHERS)
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('cohort import', 0))")
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
                raise
            raise ImportBusy(
                "Another folder is being imported. Wait until that import has ended, then import this one again; "
                "nothing of it was stored."
            ) from None


def _store(cohort: rows.Cohort, checked: CheckedCohort, *, is_invented: bool, by: User, at: datetime) -> None:
    clinic = _clinic(cohort.programme, is_invented=is_invented, by=by, at=at)
    imported = patients_history.import_history(
        clinic=clinic,
        folder_sha256=checked.sha256,
        counts=dict(checked.counts),
        people=map(_person, cohort.patients),
        incidents=map(_incident, cohort.events),
        is_invented=is_invented,
        by=by,
        at=at,
    )
    referrals_history.import_history(
        clinic=clinic, imported=imported, referrals=map(_referral, cohort.patients), by=by, at=at
    )
    dosing_history.import_history(
        clinic=clinic, imported=imported, sessions=map(_session, cohort.attendance), by=by, at=at
    )
    _store_measures(cohort, clinic, imported)
    _store_support(cohort, clinic, imported)
    _store_programme(cohort, clinic, imported)
    record("outcomes.cohort_imported", by=by, at=at, clinic=clinic.id, thing=imported.run)
    freeze_extract(clinic=clinic.id, as_of=london_date(at).replace(day=1), by=by, at=at)


def _clinic(row: rows.ProgrammeRow, *, is_invented: bool, by: User, at: datetime) -> Clinic:
    clinic = Clinic.objects.select_for_update().filter(code=row.clinic_code).first()
    return clinic or open_clinic(
        code=row.clinic_code,
        name=row.clinic_name,
        opened_on=row.opened_on,
        places=row.places,
        sessions_per_day=row.sessions_per_day,
        has_invented_people=is_invented,
        by=by,
        at=at,
    )


def _person(row: rows.PatientRow) -> patients_history.ImportedPerson:
    return patients_history.ImportedPerson(
        ref=row.patient_ref,
        sex=row.sex or "",
        birth_year=row.birth_year,
        accepted_on=row.assessed_on or row.referred_on,
        started_on=row.started_on,
        exited_on=row.exited_on,
        exit_reason=row.exit_reason or "",
    )


def _incident(row: rows.EventRow) -> patients_history.ImportedIncident:
    return patients_history.ImportedIncident(
        ref=row.patient_ref,
        happened_on=row.on,
        category=row.category,
        on_site=row.on_site,
        naloxone_given=row.naloxone,
        place=row.place or "",
        is_drug_related=row.drug_related,
    )


def _referral(row: rows.PatientRow) -> referrals_history.ImportedReferral:
    left_before_start = row.started_on is None
    return referrals_history.ImportedReferral(
        ref=row.patient_ref,
        source=row.referral_source,
        referred_on=row.referred_on,
        assessed_on=row.assessed_on,
        is_eligible=row.eligible,
        closed_on=row.exited_on if left_before_start else None,
        closed_reason=(row.exit_reason or "") if left_before_start else "",
        area=row.area or "",
    )


def _session(row: rows.AttendanceRow) -> dosing_history.ImportedSession:
    return dosing_history.ImportedSession(
        ref=row.patient_ref,
        service_date=row.on,
        slot=row.session,
        outcome=row.outcome,
        given_mg=row.dose_mg,
        reason=row.reason or "",
    )


def _store_measures(cohort: rows.Cohort, clinic: Clinic, imported: ImportedPeople) -> None:
    run, people = imported.run, imported.people
    items = DAY_ITEMS + YES_NO_ITEMS + SCORE_ITEMS
    models.OutcomeForm.objects.bulk_create(
        (
            models.OutcomeForm(
                clinic=clinic,
                patient=people[row.patient_ref],
                completed_on=row.on,
                stage=row.stage,
                import_run=run,
                **{item: getattr(row, item) for item in items},
            )
            for row in cohort.top
        ),
        batch_size=BATCH,
    )
    models.UrineTest.objects.bulk_create(
        (
            models.UrineTest(
                clinic=clinic,
                patient=people[row.patient_ref],
                due_on=row.due_on,
                taken_on=row.taken_on,
                assay=row.assay,
                result=row.result,
                import_run=run,
            )
            for row in cohort.urine
        ),
        batch_size=BATCH,
    )
    models.Offence.objects.bulk_create(
        (
            models.Offence(
                clinic_id=clinic.id,
                person_id=people[row.patient_ref].id,
                occurred_on=row.occurred_on,
                type_id=row.offence,
                source=row.source,
                import_run_id=run.id,
            )
            for row in cohort.offences
        ),
        batch_size=BATCH,
    )
    models.CustodyStay.objects.bulk_create(
        (
            models.CustodyStay(
                clinic=clinic,
                patient=people[row.patient_ref],
                during=DateRange(row.from_on, row.to_on),
                import_run=run,
            )
            for row in cohort.custody
        ),
        batch_size=BATCH,
    )
    models.ServiceUse.objects.bulk_create(
        (
            models.ServiceUse(
                clinic=clinic,
                patient=people[row.patient_ref],
                from_on=row.from_on,
                to_on=row.to_on,
                source=row.source,
                ambulance=row.ambulance,
                ae=row.ae,
                inpatient=row.inpatient,
                import_run=run,
            )
            for row in cohort.service_use
        ),
        batch_size=BATCH,
    )
    models.HousingRecord.objects.bulk_create(
        (
            models.HousingRecord(
                clinic=clinic,
                patient=people[row.patient_ref],
                recorded_on=row.on,
                state=row.state,
                import_run=run,
            )
            for row in cohort.housing
        ),
        batch_size=BATCH,
    )
    models.OwnAnswers.objects.bulk_create(
        (
            models.OwnAnswers(
                clinic=clinic,
                patient=people[row.patient_ref],
                answered_on=row.on,
                stage=row.stage,
                spend_week_pence=_pence(row.spend_week_gbp),
                public_injecting=row.public_injecting,
                unsafe_disposal=row.unsafe_disposal,
                family_contact=row.family_contact or "",
                import_run=run,
            )
            for row in cohort.own
        ),
        batch_size=BATCH,
    )


def _store_support(cohort: rows.Cohort, clinic: Clinic, imported: ImportedPeople) -> None:
    agencies = _agencies(row.agency for row in cohort.support if row.agency)
    models.SupportSession.objects.bulk_create(
        (
            models.SupportSession(
                clinic=clinic,
                patient=imported.people[row.patient_ref],
                booked_on=row.on,
                domain=row.domain,
                attended=row.attended,
                minutes=row.minutes,
                agency=agencies[row.agency] if row.agency else None,
                import_run=imported.run,
            )
            for row in cohort.support
        ),
        batch_size=BATCH,
    )


def _agencies(names: Iterable[str]) -> dict[str, Agency]:
    return {name: Agency.objects.get_or_create(name=name)[0] for name in sorted(set(names))}


def _store_programme(cohort: rows.Cohort, clinic: Clinic, imported: ImportedPeople) -> None:
    run = imported.run
    models.ProgrammeCost.objects.bulk_create(
        (
            models.ProgrammeCost(
                clinic=clinic,
                month=row.month,
                payer=row.payer,
                category=row.category,
                amount_pence=int(row.amount_gbp * 100),
                import_run=run,
            )
            for row in cohort.costs
        ),
        batch_size=BATCH,
    )
    models.PhaseLine.objects.bulk_create(
        models.PhaseLine(
            clinic=clinic,
            phase_id=uuid.uuid4(),
            name=row.name,
            from_on=row.from_on,
            to_on=row.to_on,
            places=row.places,
            sessions_per_day=row.sessions_per_day,
            funded_by=row.funded_by or "",
            funded_until=row.funded_until,
            import_run=run,
        )
        for row in cohort.phases
    )
    models.Disruption.objects.bulk_create(
        models.Disruption(
            clinic=clinic,
            from_on=row.from_on,
            to_on=row.to_on,
            kind=row.kind,
            label=row.label,
            import_run=run,
        )
        for row in cohort.disruptions
    )
    models.AreaFigure.objects.bulk_create(
        (
            models.AreaFigure(
                clinic=clinic,
                area=row.area,
                from_on=row.from_on,
                to_on=row.to_on,
                measure=row.measure,
                count=row.count,
                source=row.source,
                import_run=run,
            )
            for row in cohort.area
        ),
        batch_size=BATCH,
    )
    models.NeedEstimate.objects.bulk_create(
        models.NeedEstimate(
            clinic=clinic,
            as_of=row.as_of,
            area=row.area,
            people=row.people,
            method=row.method,
            source=row.source,
            import_run=run,
        )
        for row in cohort.need
    )


def _pence(pounds: Decimal | None) -> int | None:
    return None if pounds is None else int(pounds * 100)
