"""Offences that police recorded, read through the alias whose login reads these and nothing else.

The alias is opened only where a file came in, so that nobody who works without one needs it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import now
from outcomes.models import OffenceType, PoliceAgreement, PoliceFile, PoliceOffence, PoliceReference
from outcomes.queries.police import facts_of, people_with_sharing, standing_files
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One offence that police recorded."""

    on: date
    kind: str
    force: str


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """How one agreement in force stands for one person: the reference, and whether their record may be read here."""

    agreement_id: uuid.UUID
    force: str
    reference: str
    may_see: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """What case workers were agreed to see of one person, newest day first."""

    person_id: uuid.UUID
    name: str
    references: tuple[ReferenceLine, ...]
    offences: tuple[RecordedLine, ...]

    @property
    def shows_any(self) -> bool:
        """Whether any force's record of this person may be shown."""
        return any(line.is_shown for line in self.references)


def get_recorded_page(
    *, clinic: Clinic, person_id: uuid.UUID, today: date, at: datetime
) -> RecordedPage | None:
    """Return what may be shown of one person, or None for somebody never accepted here.

    Shown is what an agreement in force lets case workers see, while the person's consent stands where it rests on one.
    """
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    lines, shown = [], []
    for one in PoliceAgreement.objects.filter(clinic=clinic).select_related("agency", "end"):
        if not facts_of(one).is_in_force(today):
            continue
        reference = PoliceReference.objects.filter(agreement=one, patient_id=person_id).first()
        is_allowed = person_id in people_with_sharing(agreement=one, people=[person_id], at=at)
        is_shown = bool(one.case_workers_see and reference and is_allowed)
        lines.append(
            ReferenceLine(
                one.id,
                one.agency.name,
                reference.reference if reference else "",
                one.case_workers_see,
                is_shown,
            )
        )
        if is_shown:
            shown.append(one)
    return RecordedPage(
        person_id=person_id,
        name=treatment.person.full_name,
        references=tuple(sorted(lines, key=lambda line: line.force)),
        offences=_offences(shown, person_id),
    )


def _offences(agreements: list[PoliceAgreement], person_id: uuid.UUID) -> tuple[RecordedLine, ...]:
    force_of = {
        file.id: file.agreement.agency.name
        for file in standing_files(agreements).select_related("agreement__agency")
    }
    if not force_of:
        return ()
    words = dict(OffenceType.objects.values_list("code", "label"))
    rows = PoliceOffence.objects.filter(file_id__in=list(force_of), person_id=person_id)
    return tuple(
        RecordedLine(row.occurred_on, words.get(row.kind, row.kind), force_of[row.file_id])
        for row in rows.order_by("-occurred_on", "line")
    )


def list_recorded_for_report(*, clinic_id: uuid.UUID, as_of: date) -> list[dict[str, str]]:
    """Return what police recorded before a data cut, of the files that count, as a report freezes it.

    Where an agreement rests on consent, whoever's consent does not stand now is left out, also of an earlier cut.
    """
    files = PoliceFile.objects.filter(agreement__clinic_id=clinic_id, replaced_by__isnull=True)
    under = {file.id: file.agreement for file in files.select_related("agreement")}
    if not under:
        return []
    rows = list(
        PoliceOffence.objects.filter(file_id__in=list(under), occurred_on__lt=as_of).order_by(
            "file_id", "line"
        )
    )
    people = {row.person_id for row in rows}
    at = now()
    allowed = {
        agreement.id: people_with_sharing(agreement=agreement, people=people, at=at)
        for agreement in under.values()
    }
    return [
        {"person": str(row.person_id), "occurred_on": row.occurred_on.isoformat(), "offence": row.kind}
        for row in rows
        if row.person_id in allowed[under[row.file_id].id]
    ]
