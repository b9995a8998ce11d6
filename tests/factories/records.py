"""Imported history of a small invented clinic, row by row, for tests of the report."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from dosing.models import PlannedSession, SessionOutcome
from hat_clinic.accounts.models import Clinic, Phase, User
from outcomes.actions.evaluation.extract import Extract, freeze_extract
from outcomes.models import (
    CustodyStay,
    HousingRecord,
    Offence,
    OutcomeForm,
    OwnAnswers,
    ProgrammeCost,
    ServiceUse,
    UrineTest,
)
from outcomes.queries.evaluation.figures import get_figures
from outcomes.rules.evaluation.figures import Figures, list_indicators
from outcomes.rules.evaluation.indicators import Indicator, next_month
from patients.models import Episode, ImportRun, Incident, Person
from referrals.models import Referral
from tests.factories.accounts import ClinicFactory, UserFactory

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


@dataclass
class Records:
    """One clinic that opened on 1 January 2025, and what its tests put into it; without `is_history` its own people."""

    opened_on: date = date(2025, 1, 1)
    places: int = 10
    is_history: bool = True
    clinic: Clinic = field(init=False)
    by: User = field(init=False)
    run: ImportRun = field(init=False)

    def __post_init__(self) -> None:
        self.clinic = ClinicFactory(opened_on=self.opened_on, places=self.places)
        self.by = UserFactory()
        self.run = ImportRun.objects.create(
            clinic=self.clinic, folder_sha256="0" * 64, imported_at=AT, imported_by=self.by, counts={}
        )

    def person(
        self,
        *,
        referred_on: date = date(2025, 1, 1),
        assessed_on: date | None = None,
        eligible: bool | None = True,
        started_on: date | None = None,
        exited_on: date | None = None,
        exit_reason: str = "",
        closed_on: date | None = None,
        area: str = "",
        source: str = "police",
    ) -> Person:
        """Somebody who was referred, and as far as the dates say assessed, treated and gone."""
        person = Person.objects.create(
            import_run=self.run, imported_ref=f"P{Person.objects.count() + 1}", is_invented=True
        )
        episode = None
        if started_on:
            episode = self.treatment(
                person, started_on=started_on, exited_on=exited_on, exit_reason=exit_reason
            )
        Referral.objects.create(
            clinic=self.clinic,
            person=person,
            source=source,
            referred_on=referred_on,
            assessed_on=assessed_on,
            is_eligible=eligible,
            episode=episode,
            closed_on=closed_on,
            closed_reason="other" if closed_on else "",
            area=area,
            import_run=self.run,
        )
        return person

    def treatment(
        self, person: Person, *, started_on: date, exited_on: date | None = None, exit_reason: str = ""
    ) -> Episode:
        return Episode.objects.create(
            person=person,
            clinic=self.clinic,
            accepted_on=started_on,
            started_on=started_on,
            exited_on=exited_on,
            exit_reason=exit_reason or ("other" if exited_on else ""),
            import_run=self.run if self.is_history else None,
        )

    def session(
        self,
        person: Person,
        on: date,
        outcome: str | None,
        *,
        slot: str = "am",
        mg: int = 200,
        reason: str = "",
    ) -> PlannedSession:
        """One session; without an outcome it is still open."""
        planned = PlannedSession.objects.create(
            clinic=self.clinic,
            patient=person,
            episode=person.episodes.get(),
            service_date=on,
            slot=slot,
            import_run=self.run,
        )
        if outcome:
            dosed = outcome in {"given", "given_reduced"}
            SessionOutcome.objects.create(
                session=planned,
                outcome=outcome,
                given_mg=mg if dosed else None,
                reason="" if dosed else reason or "unknown",
                import_run=self.run,
            )
        return planned

    def urine(
        self, person: Person, due_on: date, result: str, *, assay: str = "street_heroin_marker"
    ) -> UrineTest:
        taken_on = None if result == "not_taken" else due_on
        return UrineTest.objects.create(
            clinic=self.clinic,
            patient=person,
            due_on=due_on,
            taken_on=taken_on,
            assay=assay,
            result=result,
            import_run=self.run,
        )

    def offence(
        self, person: Person, on: date, kind: str = "shoplifting", *, source: str = "police_recorded"
    ) -> Offence:
        return Offence.objects.create(
            clinic_id=self.clinic.id,
            person_id=person.id,
            occurred_on=on,
            type_id=kind,
            source=source,
            import_run_id=self.run.id,
        )

    def custody(self, person: Person, first: date, until: date | None) -> CustodyStay:
        return CustodyStay.objects.create(
            clinic=self.clinic, patient=person, during=DateRange(first, until), import_run=self.run
        )

    def told_custody(self, person: Person, first: date, until: date | None, source: str) -> CustodyStay:
        """A stay that one of our own wrote down, as the person or another service told."""
        return CustodyStay.objects.create(
            clinic=self.clinic,
            patient=person,
            during=DateRange(first, until),
            kind="prison",
            source=source,
            key=uuid.uuid4(),
            recorded_by=self.by,
            recorded_at=AT,
        )

    def housing(self, person: Person, on: date, state: str) -> HousingRecord:
        return HousingRecord.objects.create(
            clinic=self.clinic, patient=person, recorded_on=on, state=state, import_run=self.run
        )

    def own_home(
        self,
        person: Person,
        on: date,
        state: str,
        *,
        amends: HousingRecord | None = None,
        correction: str = "",
    ) -> HousingRecord:
        """Write a line of our own: since that day."""
        return HousingRecord.objects.create(
            clinic=self.clinic,
            patient=person,
            recorded_on=on,
            state=state,
            amends=amends,
            correction=correction,
            key=uuid.uuid4(),
            recorded_by=self.by,
            recorded_at=AT,
        )

    def form(self, person: Person, on: date, stage: str = "review", **items: int | bool) -> OutcomeForm:
        return OutcomeForm.objects.create(
            clinic=self.clinic,
            patient=person,
            completed_on=on,
            stage=stage,
            import_run=self.run,
            **items,
        )

    def own(self, person: Person, on: date, stage: str = "review", **answers: int | bool | str) -> OwnAnswers:
        return OwnAnswers.objects.create(
            clinic=self.clinic,
            patient=person,
            answered_on=on,
            stage=stage,
            import_run=self.run,
            **answers,
        )

    def use(
        self,
        person: Person,
        first: date,
        until: date,
        *,
        source: str = "self_reported",
        **counts: int | None,
    ) -> ServiceUse:
        return ServiceUse.objects.create(
            clinic=self.clinic,
            patient=person,
            from_on=first,
            to_on=until,
            source=source,
            import_run=self.run,
            **counts,
        )

    def event(
        self,
        person: Person,
        on: date,
        category: str,
        *,
        on_site: bool = True,
        naloxone: bool | None = None,
    ) -> Incident:
        return Incident.objects.create(
            clinic=self.clinic,
            person=person,
            happened_on=on,
            category=category,
            on_site=on_site,
            naloxone_given=naloxone,
            import_run=self.run,
        )

    def cost(self, month: date, category: str, pounds: int, *, payer: str = "public health") -> ProgrammeCost:
        return ProgrammeCost.objects.create(
            clinic=self.clinic,
            month=month,
            payer=payer,
            category=category,
            amount_pence=pounds * 100,
            import_run=self.run,
        )

    def phase(self, first: date, until: date | None, *, places: int) -> Phase:
        return Phase.objects.create(
            clinic=self.clinic,
            name="a phase",
            during=DateRange(first, until),
            places=places,
            sessions_per_day=2,
        )

    def freeze(self, month: date) -> Extract:
        with transaction.atomic():
            return freeze_extract(clinic=self.clinic.id, as_of=next_month(month), by=self.by, at=AT)

    def figures(self, month: date) -> Figures:
        segments = self.freeze(month).segment_ids
        return get_figures(segment_ids=segments, month=month, as_of=next_month(month))

    def indicators(self, month: date) -> dict[str, Indicator]:
        return {indicator.id: indicator for indicator in list_indicators(self.figures(month))}
