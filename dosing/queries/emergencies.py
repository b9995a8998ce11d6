"""Emergencies: what rules ask of one, and which stand or wait for a name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from dosing.models import Emergency as Emergency
from dosing.models import EmergencyCard, EmergencyLine, EmergencySignature, Reading, Visit
from dosing.rules.emergencies import (
    ENDS,
    EmergencyFacts,
    LineKind,
    NaloxoneGiven,
    NaloxoneRoute,
    WrittenLine,
)
from dosing.rules.observation import Escalation
from hat_clinic.accounts.models import Clinic
from patients.models import Episode, Person


def get_standing_emergency(*, patient_id: uuid.UUID) -> Emergency | None:
    """Return the emergency of one person that has not ended, or None."""
    ended = EmergencyLine.objects.filter(emergency=OuterRef("pk"), kind__in=ENDS)
    return Emergency.objects.filter(~Exists(ended), patient_id=patient_id).order_by("-began_at").first()


def get_emergency(*, clinic: Clinic, emergency_id: uuid.UUID) -> Emergency | None:
    """Return an emergency of this clinic, or None."""
    found = Emergency.objects.select_related("patient", "clinic", "begun_by", "terminal__premises")
    return found.filter(id=emergency_id, clinic=clinic).first()


def is_over(emergency: Emergency) -> bool:
    """Return whether an emergency has ended."""
    return emergency.lines.filter(kind__in=ENDS).exists()


def facts_of(emergency: Emergency) -> EmergencyFacts:
    """Return an emergency as rules read it."""
    lines = emergency.lines.select_related("corrects").order_by("written_at")
    return EmergencyFacts(
        began_at=emergency.began_at,
        last_naloxone_at=get_naloxone_at(patient_id=emergency.patient_id),
        bad_reading_at=Reading.objects.filter(
            session__patient_id=emergency.patient_id,
            taken_at__gte=emergency.began_at,
            escalation=Escalation.B,
        ).aggregate(last=Max("taken_at"))["last"],
        lines=tuple(
            WrittenLine(
                kind=LineKind(line.kind),
                happened_at=line.happened_at,
                corrects=LineKind(line.corrects.kind) if line.corrects else None,
            )
            for line in lines
        ),
    )


def get_naloxone_at(*, patient_id: uuid.UUID, by: datetime | None = None) -> datetime | None:
    """Return when naloxone was last given in an emergency of a person, whatever its session; None for never.

    `by` leaves out what was given later than that. Of a time that was put right the later one counts, as in the rule.
    """
    given = EmergencyLine.objects.filter(
        Q(emergency__patient_id=patient_id), Q(kind=LineKind.NALOXONE) | Q(corrects__kind=LineKind.NALOXONE)
    )
    if by is not None:
        given = given.filter(happened_at__lte=by)
    return given.order_by("-happened_at").values_list("happened_at", flat=True).first()


def get_card(*, clinic_id: uuid.UUID) -> EmergencyCard | None:
    """Return the clinic's emergency card that counts, or None while none is approved."""
    return EmergencyCard.objects.filter(clinic_id=clinic_id).order_by("-number").first()


def naloxone_of(card: EmergencyCard | None) -> NaloxoneGiven | None:
    """Return the dose and route of a card."""
    return NaloxoneGiven(card.micrograms, NaloxoneRoute(card.route)) if card is not None else None


# --- on every screen -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alert:
    """One emergency that stands, or that nobody has put their name to. `initials` are all that a banner tells."""

    emergency_id: uuid.UUID
    initials: str
    began_at: datetime
    is_over: bool
    is_unsigned: bool


def to_tell_of() -> QuerySet[Emergency]:
    """Return the emergencies that stand or wait for a name, in whatever clinic."""
    signed_since = EmergencySignature.objects.filter(emergency=OuterRef("emergency"))
    unsigned_line = EmergencyLine.objects.filter(emergency=OuterRef("pk"), written_by__isnull=True).exclude(
        Exists(signed_since.filter(signed_at__gte=OuterRef("written_at")))
    )
    return Emergency.objects.annotate(
        is_over=Exists(EmergencyLine.objects.filter(emergency=OuterRef("pk"), kind__in=ENDS)),
        is_begun_unsigned=Exists(
            Emergency.objects.filter(pk=OuterRef("pk"), begun_by__isnull=True, signatures__isnull=True)
        ),
        has_unsigned_line=Exists(unsigned_line),
    ).filter(Q(is_over=False) | Q(is_begun_unsigned=True) | Q(has_unsigned_line=True))


def list_alerts(*, clinic: Clinic) -> list[Alert]:
    """Return the emergencies of a clinic that stand or wait for a name, in one statement."""
    found: Any = to_tell_of().select_related("patient").filter(clinic=clinic).order_by("began_at")
    return [
        Alert(
            emergency_id=one.id,
            initials=initials_alone(one.patient),
            began_at=one.began_at,
            is_over=one.is_over,
            is_unsigned=one.is_begun_unsigned or one.has_unsigned_line,
        )
        for one in found
    ]


def initials_alone(person: Person) -> str:
    """Return somebody's two initials, as locked screens show them."""
    return "".join(name[:1] for name in (person.given_names, person.family_name)).upper()


def is_known_here(*, clinic: Clinic, patient_id: uuid.UUID) -> bool:
    """Tell whether an emergency may be about somebody: in treatment here, or seen here at any time.

    Whoever is on the page can be chosen, also where their treatment ended while they were in the room.
    """
    episodes = Episode.objects.filter(person_id=patient_id, clinic=clinic, exited_on__isnull=True)
    return episodes.exists() or Visit.objects.filter(patient_id=patient_id, clinic=clinic).exists()
