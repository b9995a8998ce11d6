"""What is known when a drawn dose is injected, in as few statements as can be: a queue waits behind it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Func, Max, OuterRef, Q, Subquery
from django.db.models.fields import DateTimeField

from dosing.models import Hold, Injection, Preparation, RecordedRequest, WastedDose
from dosing.queries.visits import hold_in_words
from dosing.rules.observation import REFERENCE_WINDOW, observation_minutes
from dosing.rules.orders import Route
from dosing.rules.preparations import PreparedDose
from hat_clinic.accounts.models import Clinic
from patients.queries.consents import standing_consents
from patients.rules.consents import Purpose


@dataclass(frozen=True, slots=True)
class KnownAtInjection:
    """The drawn dose as rules read it, its row, the moment, and the answer if this key was used before."""

    prepared: PreparedDose
    preparation: Preparation
    at: datetime
    answer: RecordedRequest | None
    is_new_dose: bool


def get_known_at_injection(
    *, clinic: Clinic, patient_id: uuid.UUID, preparation_id: uuid.UUID, key: uuid.UUID
) -> KnownAtInjection:
    """Gather what `may_inject` asks, in one statement, at the database's time. Call it with the locks held.

    Raises Preparation.DoesNotExist for a drawn dose of another person or clinic.
    """
    moment = Func(function="hat_now", output_field=DateTimeField())
    same_person = Q(patient_id=OuterRef("patient_id"))
    preparation = (
        Preparation.objects.select_related(
            "session__episode",
            "order__period",
            "order__signed_by",
            "protocol",
            "check_made",
            "batch",
            "patient",
            "prepared_by",
        )
        .annotate(
            moment=moment,
            has_consent=Exists(
                standing_consents(at=moment).filter(
                    person_id=OuterRef("patient_id"), purpose=Purpose.TREATMENT
                )
            ),
            is_injected=Exists(Injection.objects.filter(preparation_id=OuterRef("id"))),
            is_wasted=Exists(WastedDose.objects.filter(preparation_id=OuterRef("id"))),
            hold_id=Subquery(Hold.objects.filter(same_person, lifted_at__isnull=True).values("id")[:1]),
            request_key=Subquery(RecordedRequest.objects.filter(key=key).values("key")[:1]),
            highest_mg=Subquery(
                Injection.objects.filter(
                    same_person,
                    session__episode_id=OuterRef("session__episode_id"),
                    started_at__gte=moment - REFERENCE_WINDOW,
                )
                .order_by("-given_mg")
                .values("given_mg")[:1]
            ),
        )
        .get(id=preparation_id, patient_id=patient_id, session__clinic=clinic)
    )
    order, at = preparation.order, preparation.moment
    hold = Hold.objects.get(id=preparation.hold_id) if preparation.hold_id else None
    return KnownAtInjection(
        prepared=PreparedDose(
            dose_mg=preparation.dose_mg,
            order_is_in_force=at in order.period.during and preparation.session.episode.exited_on is None,
            is_suspended=not order.signed_by.is_active,
            has_treatment_consent=preparation.has_consent,
            hold=hold_in_words(hold) if hold is not None else "",
            routes=frozenset(order.routes),
            sites=frozenset(order.sites),
            expires_at=preparation.expires_at,
            is_ended=preparation.is_injected or preparation.is_wasted,
        ),
        preparation=preparation,
        at=at,
        answer=RecordedRequest.objects.get(key=key) if preparation.request_key else None,
        is_new_dose=preparation.highest_mg is None or preparation.dose_mg > preparation.highest_mg,
    )


def minutes_to_watch(preparation: Preparation, *, route: str, is_new_dose: bool) -> int:
    """Return how long somebody is watched after a drawn dose goes in by a route."""
    check = preparation.check_made
    return observation_minutes(
        ordered_minutes=preparation.order.observation_minutes,
        into_a_muscle=route == Route.INTRAMUSCULAR,
        took_other_drugs=check.took_other_drugs,
        alcohol_found=check.alcohol_ug != 0,
        is_new_dose=is_new_dose,
    )


def get_highest_recent_mg(*, patient_id: uuid.UUID, episode_id: uuid.UUID, at: datetime) -> int | None:
    """Return the highest dose of the last 72 hours in an episode, or None: a dose above it is a new one."""
    recent = Injection.objects.filter(
        patient_id=patient_id, session__episode_id=episode_id, started_at__gte=at - REFERENCE_WINDOW
    )
    highest: int | None = recent.aggregate(highest=Max("given_mg"))["highest"]
    return highest
