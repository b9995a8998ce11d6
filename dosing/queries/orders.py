"""What is known when an order is signed or relied on."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from dosing.models import DosingState, Injection, Licence, Order, OrderPeriod, ProtocolVersion
from dosing.queries.history import get_dose_history
from dosing.queries.licences import licences_in_force
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.orders import Product
from dosing.rules.signing import SigningFacts
from hat_clinic.accounts.models import Clinic, Phase, Premises, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date
from hat_clinic.core.prepared import ask_once_planned
from patients.models import Episode
from patients.queries import get_standing_assessment, has_consent
from patients.queries.closings import get_last_day
from patients.rules.consents import Purpose


@dataclass(frozen=True, slots=True)
class KnownAtSigning:
    """The facts for the rule, and the rows that an order will point at.

    `last` is the newest order of the person and product, whatever became of it.
    """

    facts: SigningFacts
    licence: Licence | None
    protocol: ProtocolVersion | None
    last: Order | None


def lock_dosing_state(*, patient_id: uuid.UUID) -> bool:
    """Lock the row that everything about one person's doses locks first; False when there is none."""
    return DosingState.objects.select_for_update().filter(patient_id=patient_id).first() is not None


def lock_person_and_dosing_state(*, patient_id: uuid.UUID) -> bool:
    """Lock a person's dosing state, and hold their consents still, in one statement; False when there is none.

    The same two locks in the same order as `lock_dosing_state` and then `lock_person_for_dosing`.
    """
    locked = ask_once_planned(
        "SELECT 1 FROM dosing_dosingstate s JOIN patients_person p ON p.id = s.patient_id"
        " WHERE s.patient_id = $1 FOR UPDATE OF s FOR SHARE OF p",
        ("uuid",),
        [patient_id],
    )
    return locked is not None


def get_order_in_force(*, patient_id: uuid.UUID, product: Product, at: datetime) -> Order | None:
    """Return the order whose period holds the moment, or None."""
    period = (
        OrderPeriod.objects.select_related(
            "order__premises",
            "order__signed_by",
            "order__written_by",
            "order__episode",
            "order__licence__revocation",
        )
        .filter(patient_id=patient_id, product=product, during__contains=at)
        .first()
    )
    return period.order if period else None


def is_suspended(order: Order) -> bool:
    """Tell whether an order waits for another doctor: its signer's account is closed, or its licence revoked.

    Source: clinical rules 7.11.
    """
    return not order.signed_by.is_active or hasattr(order.licence, "revocation")


def get_last_order(*, patient_id: uuid.UUID, product: Product) -> Order | None:
    """Return the newest order of a person, whether it is in force, still to begin, or over; or None."""
    orders = Order.objects.select_related("period__ended_by", "signed_by", "written_by")
    return orders.filter(patient_id=patient_id, product=product).order_by("-version").first()


def list_standing_periods(*, patient_id: uuid.UUID, product: Product, at: datetime) -> list[OrderPeriod]:
    """Return the periods that reach past a moment, the live one and those still to begin, in their order."""
    return list(
        OrderPeriod.objects.select_related("order")
        .filter(patient_id=patient_id, product=product, during__endswith__gt=at)
        .order_by("order__version")
    )


def as_seen(order: Order | None) -> str:
    """Return what a page is sealed with, so that it is known when the order it showed is not the last any more."""
    if order is None:
        return "none"
    ended = order.period.ended_at
    return f"{order.id} {ended.isoformat() if ended else 'stands'}"


def count_sessions_offered(*, clinic: Clinic, on: date) -> int:
    """Return how many sessions a clinic runs on a day: as its phase of that day says, else as the clinic's own row."""
    of_the_phase = Phase.objects.filter(clinic=clinic, during__contains=on).values_list(
        "sessions_per_day", flat=True
    )
    return of_the_phase.first() or clinic.sessions_per_day


def get_signing_facts(
    *, episode: Episode, premises: Premises, product: Product, signer: User, at: datetime
) -> KnownAtSigning:
    """Gather what `may_sign_order` asks about the signer, the person and the clinic's limits."""
    held = licences_in_force(doctor_id=signer.id, at=at, product=product)
    licence = held.filter(premises=premises).first()
    protocol = get_protocol_in_force(clinic_id=premises.clinic_id, at=at)
    given = Injection.objects.filter(patient_id=episode.person_id).order_by("-started_at")
    last_given = given.values_list("started_at", flat=True).first()
    return KnownAtSigning(
        facts=SigningFacts(
            at=at,
            signer_is_doctor=Role.DOCTOR in roles_of(user=signer, clinic=premises.clinic, at=at),
            licence_ends_at=licence.ends_at if licence else None,
            protocol=as_rules_read_it(protocol),
            person_is_in_treatment=episode.exited_on is None and episode.clinic_id == premises.clinic_id,
            has_treatment_consent=has_consent(person_id=episode.person_id, purpose=Purpose.TREATMENT, at=at),
            assessment=get_standing_assessment(person_id=episode.person_id, at=at),
            history=get_dose_history(episode=episode, at=at),
            clinic_sessions_per_day=count_sessions_offered(clinic=premises.clinic, on=london_date(at)),
            last_given_at=last_given,
            programme_ends_on=get_last_day(clinic_id=premises.clinic_id),
        ),
        licence=licence,
        protocol=protocol,
        last=get_last_order(patient_id=episode.person_id, product=product),
    )


def get_episode_here(*, clinic_id: uuid.UUID, patient_id: uuid.UUID, is_open: bool) -> Episode | None:
    """Return a person's last episode in a clinic, or None: with `is_open` only the one that has not ended."""
    episodes = Episode.objects.select_related("person").filter(
        clinic_id=clinic_id, person_id=patient_id, import_run__isnull=True
    )
    if is_open:
        episodes = episodes.filter(exited_on__isnull=True)
    return episodes.order_by("accepted_on", F("exited_on").asc(nulls_last=True)).last()
