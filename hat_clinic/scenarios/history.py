"""What stood and was given before a scenario begins: rows as the acts of the room leave them, whole.

Nothing here is judged by the rules, because it stands for what has been; every constraint and trigger of the
database is met, so that what reads it cannot tell it from what was done at the screen. Invented people only.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.register import append_entry
from dosing.models import (
    ClinicDay,
    DosingState,
    IdentityCheck,
    Injection,
    Licence,
    Order,
    OrderPeriod,
    OrderStep,
    PlannedSession,
    PreInjectionCheck,
    Preparation,
    ProtocolVersion,
    Reading,
    Release,
    SessionOutcome,
    Signature,
    Visit,
)
from dosing.rules.limits import OrderKind, Step
from dosing.rules.orders import EndReason, OrderTerms, Product
from dosing.rules.preparations import volume_ul
from dosing.rules.register import EntryKind
from dosing.rules.sessions import Reduction, outcome_of
from dosing.rules.visits import IdentityItem, VisitState
from hat_clinic.accounts.models import Premises, User
from hat_clinic.core.clock import london_date
from hat_clinic.scenarios.days import NO_CONTENT, Room, opened_day
from hat_clinic.scenarios.reading import midnight
from patients.models import Episode

READINGS = (2, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class StoodBefore:
    """The numbers of an order that was signed before; milligrams, minutes, and its period."""

    dose_mg: int
    sessions_per_day: int
    daily_max_mg: int
    interval_minutes: int
    starts_at: datetime
    ends_at: datetime
    injections_per_session: int = 1
    kind: OrderKind = OrderKind.MAINTENANCE
    least_mg: int | None = None
    plan: tuple[Step, ...] = ()


@transaction.atomic
def signed_order(
    *,
    episode: Episode,
    premises: Premises,
    protocol: ProtocolVersion,
    licence: Licence,
    stood: StoodBefore,
    terms: OrderTerms,
    by: User,
    at: datetime,
) -> Order:
    """Insert an order that was signed at a moment; what stood past its start ends there, as at the screen."""
    DosingState.objects.get_or_create(patient_id=episode.person_id)
    last = Order.objects.filter(patient_id=episode.person_id).order_by("-version").first()
    standing = list(
        OrderPeriod.objects.filter(
            patient_id=episode.person_id, product=Product.DIAMORPHINE, during__endswith__gt=stood.starts_at
        )
    )
    order = Order.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        premises=premises,
        product=Product.DIAMORPHINE,
        version=last.version + 1 if last else 1,
        replaces=last if any(last and period.order_id == last.id for period in standing) else None,
        routes=list(terms.routes),
        sites=list(terms.sites),
        kind=stood.kind,
        dose_mg=stood.dose_mg,
        least_mg=stood.least_mg,
        sessions_per_day=stood.sessions_per_day,
        injections_per_session=stood.injections_per_session,
        daily_max_mg=stood.daily_max_mg,
        interval_minutes=stood.interval_minutes,
        observation_minutes=terms.observation_minutes,
        starts_at=stood.starts_at,
        ends_at=stood.ends_at,
        basis=terms.basis,
        high_dose_reason=terms.high_dose_reason,
        hold_criteria=terms.hold_criteria,
        oral_plan=terms.oral_plan,
        licence=licence,
        protocol=protocol,
        signed_by=by,
        signed_at=at,
    )
    OrderStep.objects.bulk_create(
        OrderStep(
            order=order, day=step.day, first_mg=step.first_mg, repeat_mg=step.repeat_mg, max_mg=step.max_mg
        )
        for step in stood.plan
    )
    for period in standing:
        lower, upper = period.during.lower, period.during.upper
        ends_at = min(stood.starts_at, upper)
        period.during = DateTimeTZRange(lower, ends_at) if lower < ends_at else DateTimeTZRange(empty=True)
        period.ended_by, period.ended_at, period.end_reason = by, at, EndReason.REPLACED
        period.save(update_fields=["during", "ended_by", "ended_at", "end_reason"])
    OrderPeriod.objects.create(
        order=order,
        patient_id=episode.person_id,
        product=Product.DIAMORPHINE,
        during=DateTimeTZRange(stood.starts_at, stood.ends_at),
    )
    return order


@transaction.atomic
def given_dose(
    room: Room,
    order: Order,
    *,
    mg: int,
    at: datetime,
    slot: str,
    route: str = "iv",
    site: str = "left_arm",
    tolerated: bool | None = True,
    ordered_mg: int | None = None,
    left_in_syringe_mg: int = 0,
    session: PlannedSession | None = None,
    number: int = 1,
) -> Injection:
    """Insert one dose that was given here under supervision, from who they are to the door, with its ledger line.

    It begins and ends in the same minute. `tolerated` is None while the person is still watched. `ordered_mg`
    is what the session was for, the dose itself unless said otherwise. A `session` that is booked already is
    named, a further injection of it with its `number`; only the last of a session has a release.
    """
    day = london_date(at)
    if not ClinicDay.objects.filter(premises=room.premises, on=day).exists():
        opened_day(room, midnight(day), is_checked=False)
    is_booked = session is not None
    if session is None:
        session = PlannedSession.objects.create(
            clinic=room.clinic,
            patient_id=order.patient_id,
            episode_id=order.episode_id,
            service_date=day,
            slot=slot,
            order=order,
        )
    whole = ordered_mg or mg
    drawn = _drawn(room, order, session, mg + left_in_syringe_mg, whole, at)
    injection = Injection.objects.create(
        session=session,
        number=number,
        patient_id=order.patient_id,
        premises=room.premises,
        order=order,
        protocol=room.protocol,
        batch=room.batch,
        preparation=drawn,
        ampoules=drawn.ampoules,
        drawn_mg=drawn.drawn_mg,
        given_mg=mg,
        wasted_mg=drawn.drawn_mg - mg,
        allowed_mg=max(whole, mg + left_in_syringe_mg),
        route=route,
        site=site,
        started_at=at,
        ended_at=at,
        given_on=day,
        guard=DateTimeTZRange(at, at + timedelta(minutes=order.interval_minutes)),
        giver=room.giver,
        witness=room.witness,
        watched_by=room.giver,
        giver_signature=drawn.preparer_signature,
        witness_signature=drawn.witness_signature,
        recorded_at=at,
    )
    person = order.patient
    append_entry(
        line_id=room.batch.line_id,
        batch_id=room.batch.id,
        clinic_id=room.clinic.id,
        kind=EntryKind.SUPPLIED,
        ampoules=-drawn.ampoules,
        drawn_mg=drawn.drawn_mg,
        given_mg=mg,
        wasted_mg=drawn.drawn_mg - mg,
        party_name=person.full_name,
        party_address=person.address or "no fixed abode",
        patient_id=order.patient_id,
        order_id=order.id,
        prescriber_id=order.signed_by_id,
        injection_id=injection.id,
        witness_id=room.witness.id,
        occurred_at=at,
        key=uuid.uuid4(),
        by=room.giver,
        at=at,
    )
    outcome = _outcome(injection, whole, at)
    _counted(order, mg, at)
    _watched(room, injection, drawn, outcome, tolerated, is_booked=is_booked)
    return injection


def _drawn(
    room: Room, order: Order, session: PlannedSession, mg: int, allowed_mg: int, at: datetime
) -> Preparation:
    drawn_at = at - timedelta(minutes=3)
    giver, witness = Signature.objects.bulk_create(
        Signature(signed_by=user, signed_at=drawn_at, part=part, content_sha256=NO_CONTENT)
        for user, part in ((room.giver, Signature.Part.GIVER), (room.witness, Signature.Part.WITNESS))
    )
    IdentityCheck.objects.create(
        clinic=room.clinic,
        patient_id=order.patient_id,
        session=session,
        items=[IdentityItem.BIRTH_DATE, IdentityItem.PHOTO],
        is_right=True,
        made_at=at - timedelta(minutes=7),
        made_by=room.giver,
    )
    check = PreInjectionCheck.objects.create(
        session=session,
        patient_id=order.patient_id,
        protocol=room.protocol,
        sedation="1",
        breaths=14,
        oxygen=97,
        pulse=72,
        alcohol_ug=0,
        took_other_drugs=False,
        oral_as_ordered=True,
        is_intoxicated=False,
        sites_are_well=True,
        findings=[],
        lets_a_dose_go_ahead=True,
        made_at=at - timedelta(minutes=5),
        made_by=room.giver,
    )
    strength = room.batch.line.strength_mg
    ampoules = -(-mg // strength)
    return Preparation.objects.create(
        session=session,
        patient_id=order.patient_id,
        order=order,
        protocol=room.protocol,
        check_made=check,
        batch=room.batch,
        ampoules=ampoules,
        drawn_mg=ampoules * strength,
        dose_mg=mg,
        wasted_mg=ampoules * strength - mg,
        allowed_mg=max(mg, allowed_mg),
        reduced_for=Reduction.OTHER if mg < allowed_mg else "",
        volume_ul=volume_ul(dose_mg=mg, concentration_mg_per_ml=room.protocol.concentration_mg_per_ml),
        concentration_mg_per_ml=room.protocol.concentration_mg_per_ml,
        expires_at=drawn_at + timedelta(hours=1),
        prepared_at=drawn_at,
        prepared_by=room.giver,
        witness=room.witness,
        preparer_signature=giver,
        witness_signature=witness,
    )


def _outcome(injection: Injection, whole: int, at: datetime) -> SessionOutcome:
    before = None
    given = injection.given_mg
    if injection.number > 1:
        live = SessionOutcome.objects.filter(session_id=injection.session_id, amended_by__isnull=True)
        before = live.first()
        given += (before.given_mg or 0) if before else 0
    return SessionOutcome.objects.create(
        session_id=injection.session_id,
        outcome=outcome_of(given, whole),
        given_mg=given,
        reduced_for=Reduction.OTHER if given < whole else "",
        injection=injection,
        amends=before,
        recorded_by_id=injection.giver_id,
        recorded_at=at,
    )


def _counted(order: Order, mg: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO dosing_patientday AS day (patient_id, "on", authorised_mg, administered_mg, maximum_mg)'
            ' VALUES (%s, %s, %s, %s, %s) ON CONFLICT (patient_id, "on") DO UPDATE SET'
            " authorised_mg = day.authorised_mg + excluded.authorised_mg,"
            " administered_mg = day.administered_mg + excluded.administered_mg,"
            # What was given on another order of then stays written, whatever this one says of a day.
            " maximum_mg = greatest(day.maximum_mg, day.authorised_mg + excluded.authorised_mg)",
            [order.patient_id, london_date(at), mg, mg, max(mg, order.daily_max_mg)],
        )


def _watched(
    room: Room,
    injection: Injection,
    drawn: Preparation,
    outcome: SessionOutcome,
    tolerated: bool | None,
    *,
    is_booked: bool,
) -> None:
    ended = injection.ended_at
    left_at = ended + timedelta(minutes=21)
    minutes = READINGS if tolerated is not None else ()
    Reading.objects.bulk_create(
        Reading(
            session_id=injection.session_id,
            injection=injection,
            minute=minute,
            sedation="1",
            breaths=14,
            oxygen=97,
            pulse=72,
            taken_at=ended + timedelta(minutes=minute),
            taken_by=room.giver,
        )
        for minute in minutes
    )
    now_there = {
        "clinic": room.clinic,
        "patient_id": injection.patient_id,
        "state": VisitState.OBSERVED if tolerated is None else VisitState.RELEASED,
        "arrived_at": ended - timedelta(minutes=8),
        "arrived_by": room.giver,
        "with_staff": room.giver,
        "check_made": drawn.check_made,
        "preparation": drawn,
        "outcome": outcome,
        "injected_at": ended,
        "injected_by": room.giver,
        "observe_minutes": 20,
        "observe_until": ended + timedelta(minutes=20),
        "next_due_at": ended + timedelta(minutes=READINGS[0]) if tolerated is None else None,
        "next_due_minute": READINGS[0] if tolerated is None else None,
        "ended_at": None if tolerated is None else left_at,
        "ended_by": None if tolerated is None else room.giver,
    }
    if is_booked:
        Visit.objects.update_or_create(session_id=injection.session_id, defaults=now_there)
    else:
        Visit.objects.create(session_id=injection.session_id, **now_there)
    if tolerated is not None:
        Release.objects.create(
            session_id=injection.session_id,
            injection=injection,
            left_early=False,
            walks_steadily=True,
            advice_given=True,
            naloxone="has",
            is_tolerated=tolerated,
            released_at=left_at,
            released_by=room.giver,
        )
