"""What one person answered to the clinic's own four questions, and which rows count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import OwnAnswers
from outcomes.queries.askings import PersonAsked, get_person_asked
from outcomes.rules.askings import FormStage
from outcomes.rules.own_answers import OwnSaid, answers_in_words
from outcomes.rules.support import STRIKING, Correction


@dataclass(frozen=True, slots=True)
class OwnVersion:
    """One row: as first written, or a correction of it. `lines` are the questions with their answers in words."""

    id: uuid.UUID
    on: date
    stage: str
    lines: tuple[tuple[str, str], ...]
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """The answers of one day: what stands now, and what was written before, newest first."""

    stands: OwnVersion
    before: tuple[OwnVersion, ...]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Everything one person answered, newest day first."""

    person: PersonAsked
    entries: tuple[OwnEntry, ...]


def standing_own_answers(clinic: Clinic) -> QuerySet[OwnAnswers]:
    """Return the rows of a clinic that count: amended by nothing and not struck out."""
    return OwnAnswers.objects.filter(clinic=clinic, amended_by__isnull=True).exclude(
        correction__in=[str(reason) for reason in STRIKING]
    )


def own_said(row: OwnAnswers) -> OwnSaid:
    """Return what a row says."""
    return OwnSaid(
        on=row.answered_on,
        stage=row.stage,
        spend_week_pence=row.spend_week_pence,
        public_injecting=row.public_injecting,
        unsafe_disposal=row.unsafe_disposal,
        family_contact=row.family_contact,
    )


def get_own_page(*, clinic: Clinic, person_id: uuid.UUID) -> OwnPage | None:
    """Return what one person answered, or None for somebody never accepted here."""
    person = get_person_asked(clinic=clinic, person_id=person_id)
    if person is None:
        return None
    rows = list(
        OwnAnswers.objects.filter(clinic=clinic, patient_id=person_id)
        .select_related("recorded_by")
        .order_by("-answered_on", "-recorded_at", "id")
    )
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    return OwnPage(person, tuple(_entry(row, by_id) for row in rows if row.id not in amended))


def get_own_said(*, clinic: Clinic, person_id: uuid.UUID, answers_id: uuid.UUID) -> OwnSaid | None:
    """Return what one row says, to be corrected, or None when it is not this person's."""
    row = OwnAnswers.objects.filter(clinic=clinic, patient_id=person_id, id=answers_id).first()
    return own_said(row) if row else None


def _entry(head: OwnAnswers, by_id: dict[uuid.UUID, OwnAnswers]) -> OwnEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return OwnEntry(stands=_version(head), before=tuple(before))


def _version(row: OwnAnswers) -> OwnVersion:
    correction = Correction(row.correction) if row.correction else None
    return OwnVersion(
        id=row.id,
        on=row.answered_on,
        stage=FormStage(row.stage).label,
        lines=answers_in_words(own_said(row)),
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=correction.label if correction else "",
        is_struck=bool(correction and correction.strikes),
    )
