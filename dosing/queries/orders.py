"""What is known when an order is signed or relied on."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max

from dosing.models import DosingState, Injection, Licence, Order, OrderPeriod, ProtocolVersion
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.orders import Product, SigningFacts
from hat_clinic.accounts.models import Premises, User
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class KnownAtSigning:
    """The facts for the rule, and the rows that an order will point at."""

    facts: SigningFacts
    licence: Licence | None
    protocol: ProtocolVersion | None
    replaces: Order | None


def lock_dosing_state(*, patient_id: uuid.UUID) -> bool:
    """Lock the row that everything about one person's doses locks first; False when there is none."""
    return DosingState.objects.select_for_update().filter(patient_id=patient_id).first() is not None


def lock_person_and_dosing_state(*, patient_id: uuid.UUID) -> bool:
    """Lock a person's dosing state, and hold their consents still, in one statement; False when there is none.

    The same two locks in the same order as `lock_dosing_state` and then `lock_person_for_dosing`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM dosing_dosingstate s JOIN patients_person p ON p.id = s.patient_id"
            " WHERE s.patient_id = %s FOR UPDATE OF s FOR SHARE OF p",
            [patient_id],
        )
        return cursor.fetchone() is not None


def get_order_in_force(*, patient_id: uuid.UUID, product: Product, at: datetime) -> Order | None:
    """Return the order whose period holds the moment, or None."""
    period = (
        OrderPeriod.objects.select_related("order__premises", "order__signed_by", "order__episode")
        .filter(patient_id=patient_id, product=product, during__contains=at)
        .first()
    )
    return period.order if period else None


def get_signing_facts(
    *, episode: Episode, premises: Premises, product: Product, signer: User, at: datetime
) -> KnownAtSigning:
    """Gather what `may_sign_order` asks: licence and limits in force, and whether the person is in treatment."""
    licence = (
        Licence.objects.filter(
            doctor=signer, premises=premises, product=product, starts_at__lte=at, ends_at__gt=at
        )
        .order_by("-ends_at")
        .first()
    )
    protocol = get_protocol_in_force(clinic_id=premises.clinic_id, at=at)
    return KnownAtSigning(
        facts=SigningFacts(
            at=at,
            licence_ends_at=licence.ends_at if licence else None,
            protocol=as_rules_read_it(protocol),
            last_given_at=Injection.objects.filter(patient_id=episode.person_id).aggregate(
                last=Max("started_at")
            )["last"],
            person_is_in_treatment=episode.exited_on is None and episode.clinic_id == premises.clinic_id,
        ),
        licence=licence,
        protocol=protocol,
        replaces=get_order_in_force(patient_id=episode.person_id, product=product, at=at),
    )
