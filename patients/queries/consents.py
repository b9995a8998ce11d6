"""Which consents stand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable

from hat_clinic.accounts.models import Agency
from patients.models import Consent, ConsentWithdrawal
from patients.rules.consents import Purpose


def standing_consents(*, at: datetime | Combinable) -> QuerySet[Consent]:
    """Return the consents that were given by a moment, or by an expression of one, and not taken back by then."""
    return Consent.objects.filter(given_at__lte=at).exclude(withdrawal__withdrawn_at__lte=at)


def same_consent(*, person_id: uuid.UUID, purpose: Purpose, agency_id: uuid.UUID | None) -> Q:
    """Return the condition for every consent of one person to one purpose; for sharing, with one agency."""
    agency = Q(agency__isnull=True) if agency_id is None else Q(agency_id=agency_id)
    return Q(person_id=person_id, purpose=purpose) & agency


def has_consent(
    *, person_id: uuid.UUID, purpose: Purpose, at: datetime, agency_id: uuid.UUID | None = None
) -> bool:
    """Return whether a person's consent to a purpose stands at a moment; for sharing, with that agency.

    Inside a transaction that writes a dose, call `lock_person_for_dosing` first, then read the clock, then ask.
    """
    same = same_consent(person_id=person_id, purpose=purpose, agency_id=agency_id)
    return standing_consents(at=at).filter(same).exists()


def list_people_with_consent(
    *, person_ids: list[uuid.UUID], purpose: Purpose, at: datetime
) -> frozenset[uuid.UUID]:
    """Return whose consent to a purpose stands, in one query for 500 people."""
    standing = standing_consents(at=at).filter(person__in=person_ids, purpose=purpose)
    return frozenset(standing.values_list("person_id", flat=True))


def get_last_withdrawal(
    *, person_id: uuid.UUID, purpose: Purpose, agency_id: uuid.UUID | None
) -> datetime | None:
    """Return when the same consent was last taken back, or None."""
    same = Consent.objects.filter(
        same_consent(person_id=person_id, purpose=purpose, agency_id=agency_id), withdrawal__isnull=False
    )
    withdrawals = ConsentWithdrawal.objects.filter(consent__in=same).order_by("-withdrawn_at")
    return withdrawals.values_list("withdrawn_at", flat=True).first()


_TOLD = {
    Purpose.SHARING: "sharing with",
    Purpose.DOSES: "telling of their doses:",
    Purpose.POLICE: "telling of their offences, by",
}


def consent_words(purpose: Purpose, agency: str) -> str:
    """Return what a consent is to, with the agency it names; the agency is empty where it names none."""
    return f"{_TOLD[purpose]} {agency}" if agency else purpose.label


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """How one consent of one person stands: never given, given, or taken back.

    `consent_id` is the one that stands, for the page that takes it back; None where none does.
    """

    purpose: Purpose
    agency_id: uuid.UUID | None
    agency: str
    consent_id: uuid.UUID | None
    given_at: datetime | None
    how: str
    recorded_by: str
    withdrawn_at: datetime | None

    @property
    def label(self) -> str:
        """What was consented to, in words."""
        return consent_words(self.purpose, self.agency)

    @property
    def is_standing(self) -> bool:
        """Return whether the consent stands."""
        return self.consent_id is not None


def list_consent_lines(*, person_id: uuid.UUID, at: datetime) -> tuple[ConsentLine, ...]:
    """Return how each consent of a person stands, in one query: every purpose, and every agency ever asked for."""
    newest: dict[tuple[Purpose, uuid.UUID | None], Consent] = {}
    consents = Consent.objects.select_related("agency", "withdrawal", "witness", "recorded_by")
    for consent in consents.filter(person_id=person_id, given_at__lte=at).order_by("given_at", "recorded_at"):
        newest[Purpose(consent.purpose), consent.agency_id] = consent
    lines = []
    for purpose in Purpose:
        known = [(key, consent) for key, consent in newest.items() if key[0] is purpose]
        if known:
            lines += [_as_line(purpose, consent) for _, consent in known]
        else:
            lines.append(ConsentLine(purpose, None, "", None, None, "", "", None))
    return tuple(lines)


def _as_line(purpose: Purpose, consent: Consent) -> ConsentLine:
    withdrawal = getattr(consent, "withdrawal", None)
    return ConsentLine(
        purpose=purpose,
        agency_id=consent.agency_id,
        agency=consent.agency.name if consent.agency else "",
        consent_id=None if withdrawal else consent.id,
        given_at=consent.given_at,
        how=f"spoken, heard by {consent.witness.full_name}" if consent.witness else "in writing",
        recorded_by=consent.recorded_by.full_name,
        withdrawn_at=withdrawal.withdrawn_at if withdrawal else None,
    )


def find_consent(*, consent_id: uuid.UUID, person_id: uuid.UUID) -> Consent | None:
    """Return one consent of a person, with its agency and its withdrawal if there is one; None for others."""
    return (
        Consent.objects.select_related("agency", "withdrawal")
        .filter(id=consent_id, person_id=person_id)
        .first()
    )


def find_standing_doses(*, person_id: uuid.UUID, agency_id: uuid.UUID, at: datetime) -> Consent | None:
    """Return the consent to tell one agency of doses that stands at a moment, or None.

    A consent to share sessions with it promises that no medicine is told, and does not count.
    """
    same = same_consent(person_id=person_id, purpose=Purpose.DOSES, agency_id=agency_id)
    return standing_consents(at=at).filter(same).order_by("-given_at").first()


def list_told_of_doses(*, person_id: uuid.UUID, at: datetime) -> list[Agency]:
    """Return the agencies that a person's consent to tell of their doses stands for, by name."""
    standing = standing_consents(at=at).filter(person_id=person_id, purpose=Purpose.DOSES)
    return list(Agency.objects.filter(consents__in=standing).distinct().order_by("name", "id"))


def list_agencies(purpose: Purpose) -> list[Agency]:
    """Return the agencies that a consent may be about, by name; of offences only a police force tells."""
    agencies = Agency.objects.order_by("name")
    return list(agencies.filter(kind=Agency.Kind.POLICE) if purpose is Purpose.POLICE else agencies)
