"""A clinic's criteria, where somebody stands against them, and which decisions went against them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from referrals.models import CriteriaSet, EligibilityFact, EligibilityJudgement, Referral
from referrals.queries.together import list_about_same, list_concerns, list_told
from referrals.rules.asking import Answer
from referrals.rules.criteria import (
    EXAMPLE_OF,
    NUMBERS,
    Criteria,
    Criterion,
    read_criteria,
    unverified_of,
)
from referrals.rules.deciding import Outcome
from referrals.rules.eligibility import (
    CriterionStanding,
    EligibilityFacts,
    FactSource,
    Noted,
    State,
    stand,
    unmet_of,
)


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One number of a set in words; `is_verified` tells whether a published source gives it."""

    name: str
    label: str
    value: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class CriteriaShown:
    """One set as it is shown: what it began from, its numbers, its fingerprint, who wrote and who approved it."""

    id: uuid.UUID
    number: int
    basis: str
    remark: str
    lines: tuple[NumberLine, ...]
    exclusions: tuple[str, ...]
    unverified: tuple[str, ...]
    sha256: str
    reason: str
    written_by: str
    written_by_id: uuid.UUID
    written_at: datetime
    approved_by: str
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class CriteriaPage:
    """The set in force, the newest that waits for approval, and the earlier ones, the newest first."""

    in_force: CriteriaShown | None
    waiting: CriteriaShown | None
    earlier: tuple[CriteriaShown, ...]


@dataclass(frozen=True, slots=True)
class EligibilityPage:
    """Where one person stands against the clinic's criteria; `number` is that of the set, None without one."""

    number: int | None
    approved_at: datetime | None
    standings: tuple[CriterionStanding, ...]

    @property
    def met(self) -> int:
        """How many criteria are met."""
        return sum(standing.state is State.MET for standing in self.standings)

    @property
    def unmet(self) -> str:
        """The criteria that are not met or not known, in words; nothing where there is none."""
        return ", ".join(criterion.label.lower() for criterion in unmet_of(self.standings))


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One acceptance against the criteria: of whom, by whom, against which, and why."""

    referral_id: uuid.UUID
    subject_id: uuid.UUID
    name: str
    decided_at: datetime
    decided_by: str
    unmet: tuple[str, ...]
    reason: str
    criteria_number: int


@dataclass(frozen=True, slots=True)
class OverridesPage:
    """The acceptances against the criteria, the newest first, of how many that were made with criteria in force."""

    rows: tuple[OverrideRow, ...]
    accepted: int


def get_criteria_in_force(*, clinic_id: uuid.UUID) -> CriteriaSet | None:
    """Return the set approved last for a clinic, or None."""
    return (
        CriteriaSet.objects.filter(clinic_id=clinic_id, approval__isnull=False)
        .select_related("approval")
        .order_by("-approval__approved_at", "-number")
        .first()
    )


def get_newest_set(*, clinic_id: uuid.UUID) -> CriteriaSet | None:
    """Return the set written last for a clinic, or None."""
    return CriteriaSet.objects.filter(clinic_id=clinic_id).order_by("-number").first()


def gather_facts(referral: Referral, *, today: date) -> EligibilityFacts:
    """Return what every referral about a person says, and what clinicians noted; the newest note counts.

    What an agency took back says nothing any more, but for the referral that is looked at.
    """
    about_same = list_about_same(referral).exclude(~Q(id=referral.id), decision__outcome=Outcome.WITHDRAWN)
    referrals = list(about_same.prefetch_related("flags", "treatments"))
    noted: dict[Criterion, Noted] = {}
    rows = EligibilityFact.objects.filter(referral__in=referrals).select_related("noted_by")
    for row in rows.order_by("noted_at", "id"):
        noted[Criterion(row.criterion)] = Noted(
            number=row.number,
            answer=Answer(row.answer) if row.answer else None,
            evidence=row.evidence,
            source=FactSource(row.source),
            by=row.noted_by.full_name,
            on=london_date(row.noted_at),
        )
    return EligibilityFacts(
        born_on=referral.identity.born_on,
        today=today,
        told=list_told(referrals),
        concerns=list_concerns(referrals),
        noted=noted,
    )


def stand_against(
    referral: Referral, *, today: date
) -> tuple[CriteriaSet | None, Criteria | None, tuple[CriterionStanding, ...]]:
    """Return the clinic's criteria in force and where a person stands against each; none without criteria."""
    in_force = get_criteria_in_force(clinic_id=referral.clinic_id)
    if in_force is None:
        return None, None, ()
    criteria = read_criteria(in_force.data)
    return in_force, criteria, stand(criteria, gather_facts(referral, today=today))


def get_eligibility(referral: Referral, *, today: date) -> EligibilityPage:
    """Return where one person stands, for the pages of their referral."""
    in_force, _, standings = stand_against(referral, today=today)
    if in_force is None:
        return EligibilityPage(None, None, ())
    return EligibilityPage(in_force.number, in_force.approval.approved_at, standings)


def get_criteria_page(*, clinic: Clinic) -> CriteriaPage:
    """Return a clinic's criteria: in force, waiting, earlier."""
    rows = list(
        CriteriaSet.objects.filter(clinic=clinic)
        .select_related("written_by", "approval__approved_by")
        .order_by("-number")
    )
    approved = [row for row in rows if hasattr(row, "approval")]
    in_force = max(approved, key=lambda row: row.approval.approved_at, default=None)
    waiting = rows[0] if rows and not hasattr(rows[0], "approval") else None
    return CriteriaPage(
        in_force=_shown(in_force) if in_force else None,
        waiting=_shown(waiting) if waiting else None,
        earlier=tuple(_shown(row) for row in rows if row not in (in_force, waiting)),
    )


def _shown(row: CriteriaSet) -> CriteriaShown:
    criteria = read_criteria(row.data)
    example = EXAMPLE_OF.get(row.basis)
    unverified = unverified_of(row.basis, criteria)
    approval = getattr(row, "approval", None)
    return CriteriaShown(
        id=row.id,
        number=row.number,
        basis=example.label if example else "",
        remark=example.remark if example else "",
        lines=lines_of(criteria, unverified),
        exclusions=criteria.exclusions,
        unverified=unverified,
        sha256=row.sha256,
        reason=row.reason,
        written_by=row.written_by.full_name,
        written_by_id=row.written_by_id,
        written_at=row.written_at,
        approved_by=approval.approved_by.full_name if approval else "",
        approved_at=approval.approved_at if approval else None,
    )


def lines_of(criteria: Criteria, unverified: tuple[str, ...]) -> tuple[NumberLine, ...]:
    """Return every number of a set in words."""
    lines = []
    for number in NUMBERS:
        value = criteria.numbers[number.name]
        unit = number.unit.removesuffix("s") if value == 1 else number.unit
        words = "not asked" if value is None else f"{value} {unit}"
        lines.append(NumberLine(number.name, number.label, words, number.name not in unverified))
    return tuple(lines)


def list_overrides(*, clinic: Clinic) -> OverridesPage:
    """Return every acceptance against the criteria, the newest first."""
    judged = EligibilityJudgement.objects.filter(
        decision__referral__clinic=clinic, decision__outcome="accepted"
    )
    rows = (
        judged.filter(is_override=True)
        .select_related("criteria", "decision__decided_by", "decision__referral__person")
        .order_by("-decision__decided_at", "id")
    )
    return OverridesPage(
        rows=tuple(
            OverrideRow(
                referral_id=row.decision.referral_id,
                subject_id=row.decision.referral.subject_id,
                name=row.decision.referral.full_name,
                decided_at=row.decision.decided_at,
                decided_by=row.decision.decided_by.full_name,
                unmet=tuple(Criterion(name).label for name in row.unmet),
                reason=row.override_reason,
                criteria_number=row.criteria.number,
            )
            for row in rows
        ),
        accepted=judged.count(),
    )
