"""Licences, and signing and ending orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.models import DosingState, Licence, Order, OrderPeriod
from dosing.queries.orders import get_signing_facts, lock_dosing_state
from dosing.rules.orders import OrderDraft, Product, may_sign_order
from hat_clinic.accounts.models import Premises, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision
from patients.models import Episode


class OrderRefused(Exception):
    """The order was not signed; `decision` holds every reason."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(" ".join(finding.message for finding in decision.refusals))
        self.decision = decision


@transaction.atomic(durable=True)
def record_licence(
    *,
    doctor: User,
    premises: Premises,
    product: Product,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    at: datetime,
) -> Licence:
    """Store one doctor's licence for one product at one premises, half-open."""
    licence = Licence.objects.create(
        doctor=doctor,
        premises=premises,
        product=product,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_by=by,
        recorded_at=at,
    )
    record("dosing.licence_recorded", by=by, at=at, clinic=premises.clinic_id, thing=licence)
    return licence


def sign_order(
    *,
    episode: Episode,
    premises: Premises,
    product: Product,
    draft: OrderDraft,
    routes: list[str],
    sites: list[str],
    observation_minutes: int,
    basis: str,
    by: User,
    at: datetime,
) -> Order:
    """Sign an order; one that is in force for the same product ends at the moment the new one starts.

    Raises OrderRefused with every reason; the refusal is in the audit trail and nothing else is stored.
    """
    with transaction.atomic(durable=True):
        DosingState.objects.get_or_create(patient_id=episode.person_id)
        lock_dosing_state(patient_id=episode.person_id)
        known = get_signing_facts(episode=episode, premises=premises, product=product, signer=by, at=at)
        decision = may_sign_order(draft, known.facts)
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": premises.clinic_id,
            "person": episode.person_id,
        }
        if decision.is_allowed and known.licence is not None and known.protocol is not None:
            order = Order.objects.create(
                patient_id=episode.person_id,
                episode=episode,
                premises=premises,
                product=product,
                version=known.replaces.version + 1 if known.replaces else 1,
                replaces=known.replaces,
                routes=routes,
                sites=sites,
                dose_mg=draft.dose_mg,
                sessions_per_day=draft.sessions_per_day,
                daily_max_mg=draft.daily_max_mg,
                interval_minutes=draft.interval_minutes,
                observation_minutes=observation_minutes,
                starts_at=draft.starts_at,
                ends_at=draft.ends_at,
                basis=basis,
                licence=known.licence,
                protocol=known.protocol,
                signed_by=by,
                signed_at=at,
            )
            if known.replaces is not None:
                _end_period(order=known.replaces, ends_at=draft.starts_at, by=by, at=at)
            OrderPeriod.objects.create(
                order=order,
                patient_id=episode.person_id,
                product=product,
                during=DateTimeTZRange(draft.starts_at, draft.ends_at),
            )
            record("dosing.order_signed", thing=order, **trail)
            return order
        record(
            "dosing.order_signed",
            refused=True,
            codes=[finding.code for finding in decision.refusals],
            **trail,
        )
    raise OrderRefused(decision)


def _end_period(*, order: Order, ends_at: datetime, by: User, at: datetime) -> None:
    period = OrderPeriod.objects.get(order=order)
    period.during = DateTimeTZRange(period.during.lower, min(ends_at, period.during.upper))
    period.ended_by = by
    period.ended_at = at
    period.save(update_fields=["during", "ended_by", "ended_at"])
