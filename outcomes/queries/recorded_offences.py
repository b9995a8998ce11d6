"""Offences that police recorded, read through the alias whose login reads these and nothing else.

The alias is opened only where a file came in, so that nobody who works without one needs it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import now
from outcomes.models import (
    OffenceType,
    PoliceAgreement,
    PoliceFile,
    PoliceOffence,
    PoliceReference,
)
from outcomes.queries.police import facts_of, people_with_sharing, standing_files, struck_in
from outcomes.rules.police import WhyTakenBack
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One offence that police recorded."""

    on: date
    kind: str
    force: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One reference that was taken back, and why."""

    id: uuid.UUID
    reference: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """How one agreement stands for one person: the reference, and whether their record may be read here.

    `reference_id` is None where none stands; `taken_back` are those that stood before, newest first.
    """

    agreement_id: uuid.UUID
    force: str
    reference_id: uuid.UUID | None
    reference: str
    is_in_force: bool
    may_see: bool
    is_shown: bool
    taken_back: tuple[TakenBack, ...]


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
    An agreement that is over stands there where the person had a reference: it can be taken back still.
    """
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    lines, shown = [], []
    for one in PoliceAgreement.objects.filter(clinic=clinic).select_related("agency", "end"):
        is_in_force = facts_of(one).is_in_force(today)
        had = list(
            PoliceReference.objects.filter(agreement=one, patient_id=person_id)
            .select_related("end__taken_back_by")
            .order_by("-given_at")
        )
        if not is_in_force and not had:
            continue
        reference = next((row for row in had if not hasattr(row, "end")), None)
        is_allowed = person_id in people_with_sharing(agreement=one, people=[person_id], at=at)
        is_shown = bool(is_in_force and one.case_workers_see and reference and is_allowed)
        lines.append(
            ReferenceLine(
                agreement_id=one.id,
                force=one.agency.name,
                reference_id=reference.id if reference else None,
                reference=reference.reference if reference else "",
                is_in_force=is_in_force,
                may_see=one.case_workers_see,
                is_shown=is_shown,
                taken_back=tuple(_taken_back(row) for row in had if hasattr(row, "end")),
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


def _taken_back(row: PoliceReference) -> TakenBack:
    end = row.end
    why = WhyTakenBack(end.why).label
    return TakenBack(row.id, row.reference, why, end.taken_back_by.full_name, end.taken_back_at)


def _offences(agreements: list[PoliceAgreement], person_id: uuid.UUID) -> tuple[RecordedLine, ...]:
    force_of = {
        file.id: file.agreement.agency.name
        for file in standing_files(agreements).select_related("agreement__agency")
    }
    if not force_of:
        return ()
    words = dict(OffenceType.objects.values_list("code", "label"))
    struck = {file for file, person in struck_in(force_of) if person == person_id}
    rows = PoliceOffence.objects.filter(file_id__in=force_of.keys() - struck, person_id=person_id)
    return tuple(
        RecordedLine(row.occurred_on, words.get(row.kind, row.kind), force_of[row.file_id])
        for row in rows.order_by("-occurred_on", "line")
    )


def list_recorded_for_report(*, clinic_id: uuid.UUID, as_of: date) -> list[dict[str, str]]:
    """Return what police recorded before a data cut, of the files that count, as a report freezes it.

    Where an agreement rests on consent, whoever's consent does not stand now is left out, also of an earlier cut; and
    so is what came in under a reference that was taken back since.
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
    people, struck = {row.person_id for row in rows}, struck_in(under)
    at = now()
    allowed = {
        agreement.id: people_with_sharing(agreement=agreement, people=people, at=at)
        for agreement in under.values()
    }
    return [
        {"person": str(row.person_id), "occurred_on": row.occurred_on.isoformat(), "offence": row.kind}
        for row in rows
        if row.person_id in allowed[under[row.file_id].id] and (row.file_id, row.person_id) not in struck
    ]
