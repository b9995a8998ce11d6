"""What was found when somebody was assessed: the newest, every version, and what changed between two."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from patients.models import Assessment
from patients.rules.assessments import (
    Capacity,
    PartCompared,
    Pregnancy,
    StandingAssessment,
    compare_parts,
)


def find_assessment(*, person_id: uuid.UUID, at: datetime) -> Assessment | None:
    """Return the newest assessment signed by a moment in the person's treatment that runs now, or None."""
    return (
        Assessment.objects.select_related("signed_by")
        .filter(episode__person_id=person_id, episode__exited_on__isnull=True, signed_at__lte=at)
        .order_by("-number")
        .first()
    )


def get_standing_assessment(*, person_id: uuid.UUID, at: datetime) -> StandingAssessment | None:
    """Return what an order may rest on, as `may_order_rest_on` reads it; None when nothing was signed.

    An assessment of an earlier treatment does not count for a later one.
    """
    found = find_assessment(person_id=person_id, at=at)
    if found is None:
        return None
    return StandingAssessment(
        number=found.number,
        signed_by=found.signed_by.full_name,
        signed_at=found.signed_at,
        due_on=found.due_on,
        has_capacity=found.capacity == Capacity.YES,
        is_pregnant=found.pregnancy == Pregnancy.YES,
    )


@dataclass(frozen=True, slots=True)
class AssessmentBasis:
    """What an order rests on, in short: when it is due again, what was offered, and what they chose, in their words."""

    number: int
    signed_by: str
    signed_at: datetime
    due_on: date
    is_overdue: bool
    offered: str
    chose: str
    in_their_words: str


def get_assessment_basis(*, person_id: uuid.UUID, at: datetime) -> AssessmentBasis | None:
    """Return what orders of the treatment that runs rest on, or None when nothing was signed."""
    found = find_assessment(person_id=person_id, at=at)
    if found is None:
        return None
    said = dict(parts_of(found))
    return AssessmentBasis(
        number=found.number,
        signed_by=found.signed_by.full_name,
        signed_at=found.signed_at,
        due_on=found.due_on,
        is_overdue=found.due_on < london_date(at),
        offered=said["Offered"],
        chose=said["Chose"],
        in_their_words=said["In their words"],
    )


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    """One signed assessment of a list. `is_standing` marks the one an order may rest on now."""

    id: uuid.UUID
    number: int
    treatment_since: date
    signed_by: str
    signed_at: datetime
    due_on: date
    chose: str
    is_standing: bool
    changed: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """One version in full, beside an earlier one; `others` are those it can be put beside."""

    line: AssessmentLine
    parts: tuple[PartCompared, ...]
    beside: AssessmentLine | None
    others: tuple[AssessmentLine, ...]

    @property
    def changed(self) -> int:
        """Return how many parts say something else than the earlier version."""
        return sum(part.is_changed for part in self.parts)


def parts_of(found: Assessment) -> tuple[tuple[str, str], ...]:
    """Return everything an assessment says, part by part, in words."""
    ecg = found.get_ecg_display()
    offered = dict(found._meta.get_field("option_chosen").flatchoices)
    return (
        (
            "Opioids",
            f"since {found.opioid_since_year}, {found.opioid_days_of_28} of the last 28 days, mostly "
            f"{found.get_opioid_route_display()}",
        ),
        ("Injecting", found.get_injecting_display()),
        ("Tolerance", found.tolerance_evidence),
        ("Physical health", found.physical_health),
        ("Mental health", found.mental_health),
        ("Liver", found.liver),
        ("Pregnant", found.get_pregnancy_display()),
        ("ECG", f"{ecg}: {found.ecg_words}" if found.ecg_words else ecg),
        ("Veins", found.veins),
        ("Alcohol", found.alcohol),
        ("Benzodiazepines", found.benzodiazepines),
        ("Naloxone", found.get_naloxone_display()),
        ("Offered", ", ".join(offered[option] for option in found.options_offered)),
        ("Chose", found.get_option_chosen_display()),
        ("In their words", f"“{found.why_in_their_words}”"),
        ("Capacity", found.get_capacity_display()),
    )


def list_assessments(*, person_id: uuid.UUID, clinic: Clinic) -> tuple[AssessmentLine, ...]:
    """Return every assessment of a person's treatments in a clinic, the newest first, in one query."""
    return tuple(line for _, line in _with_lines(person_id, clinic))


def get_assessment_page(
    *, person_id: uuid.UUID, clinic: Clinic, assessment_id: uuid.UUID, beside: str
) -> AssessmentPage | None:
    """Return one version beside an earlier one, in one query; None when it is no assessment of this person here.

    `beside` is the id of the earlier one as it was asked for; anything else puts it beside the one before it.
    """
    known = _with_lines(person_id, clinic)
    place = next((place for place, (row, _) in enumerate(known) if row.id == assessment_id), None)
    if place is None:
        return None
    row, line = known[place]
    earlier = known[place + 1 :]
    other = next((one for one in earlier if str(one[0].id) == beside), earlier[0] if earlier else None)
    return AssessmentPage(
        line=line,
        parts=compare_parts(parts_of(row), parts_of(other[0]) if other else None),
        beside=other[1] if other else None,
        others=tuple(one[1] for one in earlier),
    )


def _with_lines(person_id: uuid.UUID, clinic: Clinic) -> list[tuple[Assessment, AssessmentLine]]:
    rows = list(
        Assessment.objects.select_related("signed_by", "episode")
        .filter(episode__person_id=person_id, episode__clinic=clinic)
        .order_by("-episode__accepted_on", "-signed_at", "-number")
    )
    return [
        (row, _line(row, rows[place + 1] if place + 1 < len(rows) else None, is_newest=place == 0))
        for place, row in enumerate(rows)
    ]


def _line(row: Assessment, before: Assessment | None, *, is_newest: bool) -> AssessmentLine:
    compared = compare_parts(parts_of(row), parts_of(before)) if before else None
    return AssessmentLine(
        id=row.id,
        number=row.number,
        treatment_since=row.episode.accepted_on,
        signed_by=row.signed_by.full_name,
        signed_at=row.signed_at,
        due_on=row.due_on,
        chose=row.get_option_chosen_display(),
        is_standing=is_newest and row.episode.exited_on is None,
        changed=None if compared is None else tuple(part.words for part in compared if part.is_changed),
    )
