"""Facts about one person and one session, as the rules read them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, Max, Q, Sum

from dosing.models import (
    Batch,
    Injection,
    Order,
    PlannedSession,
    Preparation,
    ProtocolVersion,
    SessionOutcome,
    Visit,
)
from dosing.queries.history import get_limit_facts
from dosing.queries.orders import get_order_in_force, is_suspended
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.queries.standing import most_mg
from dosing.rules.doses import full_mg
from dosing.rules.limits import LimitFacts, OrderKind, caps_at_giving, gap_findings, is_day_one_of_plan
from dosing.rules.missed import Opening
from dosing.rules.orders import Product
from dosing.rules.preparations import Stock
from dosing.rules.sessions import ROLLING_WINDOW, EarlierOutcome, OrderInForce, SessionFacts, SoFar
from dosing.rules.visits import IN_THE_ROOM, VisitState
from hat_clinic.accounts.models import Clinic, SessionSlot, Slot
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.decisions import Decision


@dataclass(frozen=True, slots=True)
class SessionKey:
    """Which session of which day: the Europe/London service date and the slot."""

    service_date: date
    slot: str

    @property
    def label(self) -> str:
        """Such as "Morning session"."""
        return f"{Slot(self.slot).label.capitalize()} session"


@dataclass(frozen=True, slots=True)
class KnownAtTheHatch:
    """The facts for the rules, and the rows that an injection will point at; `limits` is what the caps came from."""

    facts: SessionFacts
    order: Order | None
    protocol: ProtocolVersion | None
    limits: LimitFacts | None = None


def get_current_session(*, clinic: Clinic, at: datetime) -> SessionKey | None:
    """Return the session whose clock times hold the moment in Europe/London, or None between sessions."""
    return slot_open_at(list(SessionSlot.objects.filter(clinic=clinic)), at)


def slot_open_at(slots: list[SessionSlot], at: datetime) -> SessionKey | None:
    """Return which of a clinic's sessions is open at a moment, by the clock in Europe/London."""
    for turn, slot in enumerate(slots, start=1):
        if Opening(slot.name, turn, slot.opens_at, slot.closes_at).is_open(at):
            return SessionKey(london_date(at), slot.name)
    return None


def get_session_facts(
    *, patient_id: uuid.UUID, clinic: Clinic, session: SessionKey, at: datetime
) -> KnownAtTheHatch:
    """Gather what `may_start` and `may_prepare` ask about one person and one session.

    Totals count every injection of diamorphine by any route at any clinic, and a drawn dose that has no ending
    yet as given. Who came into the room while the session was open may go on after it.
    """
    order = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=at)
    has_left = order is not None and order.episode.exited_on is not None
    if order is not None and (order.premises.clinic_id != clinic.id or has_left):
        order = None
    protocol = get_protocol_in_force(clinic_id=clinic.id, at=at)
    today = london_date(at)
    recent = list(
        Injection.objects.filter(patient_id=patient_id)
        .filter(Q(given_on=today) | Q(started_at__gt=at - ROLLING_WINDOW))
        .values_list("given_on", "started_at", most_mg())
    )
    last = (
        Injection.objects.filter(patient_id=patient_id)
        .order_by("-ended_at")
        .values_list("ended_at", "guard")
        .first()
    )
    drawn = _open_draw_mg(patient_id=patient_id)
    read = as_rules_read_it(protocol)
    session_id = _session_id(patient_id, session)
    limits = (
        get_limit_facts(episode=order.episode, order=order, protocol=read, session=session_id, at=at)
        if order is not None and read is not None
        else None
    )
    facts = SessionFacts(
        at=at,
        today=today,
        session_is_open=session == get_current_session(clinic=clinic, at=at)
        or _came_in_time(patient_id=patient_id, session=session, today=today),
        order=as_order_in_force(
            order, slot=session.slot, is_day_one=limits is not None and is_day_one_of_plan(limits)
        ),
        protocol=read,
        earlier_outcome=_earlier_outcome(patient_id=patient_id, session=session),
        last_ended_at=last[0] if last else None,
        given_today_mg=drawn + sum(row[2] for row in recent if row[0] == today),
        given_in_window_mg=drawn + sum(row[2] for row in recent if row[1] > at - ROLLING_WINDOW),
        last_interval_minutes=minutes_between(*last) if last else 0,
        caps=caps_at_giving(limits) if limits is not None else (),
        gap=gap_findings(limits, kind=OrderKind(order.kind))
        if limits is not None and order is not None
        else Decision(),
        so_far=get_so_far(uuid.UUID(session_id) if session_id else None),
        has_left=has_left,
    )
    return KnownAtTheHatch(facts=facts, order=order, protocol=protocol, limits=limits)


def get_so_far(session_id: uuid.UUID | None) -> SoFar | None:
    """Return what was injected in a planned session already, or None; no id is of no session yet.

    Of an injection that was put right the most that any of its lines says.
    """
    if session_id is None:
        return None
    found = Injection.objects.filter(session=session_id).aggregate(
        injections=Count("pk"), given_mg=Sum(most_mg()), last_ended_at=Max("ended_at")
    )
    return SoFar(**found) if found["injections"] else None


def _session_id(patient_id: uuid.UUID, session: SessionKey) -> str:
    planned = PlannedSession.objects.filter(
        patient_id=patient_id, service_date=session.service_date, slot=session.slot
    )
    found = planned.values_list("pk", flat=True).first()
    return str(found) if found else ""


def session_dose_mg(known: KnownAtTheHatch) -> int:
    """Return the next dose of a session as it is ordered: by its slot, its step, or its plan after missed sessions.

    What the session has had is taken off. Whatever else limits it bars it, and lowers nothing: no dose is proposed.
    Source: clinical rules 32 and 7.11.
    """
    order = known.facts.order
    if order is None:
        return 0
    return full_mg(known.facts) or max(0, order.dose_mg - known.facts.given_in_session_mg)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A session's dose that is less than its order's, both in milligrams, and why. `is_gap`: sessions were missed."""

    dose_mg: int
    ordered_mg: int
    why: str
    is_gap: bool


def why_lowered(known: KnownAtTheHatch) -> Lowered | None:
    """Return why a session's dose is less than its order's, or None where it is not.

    Source: clinical rules 32 and 7.11.
    """
    order, dose_mg = known.facts.order, session_dose_mg(known)
    lowering = [cap for cap in known.facts.caps if cap.lowers]
    if order is None or not lowering or dose_mg >= order.dose_mg - known.facts.given_in_session_mg:
        return None
    cap = min(lowering, key=lambda cap: cap.mg)
    return Lowered(dose_mg, order.dose_mg, cap.why, is_gap=cap.code.startswith("gap_"))


def minutes_between(ended_at: datetime, guard: DateTimeTZRange) -> int:
    """Return the interval that an injection was given under: from its end to the end of its guard."""
    return int((guard.upper - ended_at).total_seconds() // 60)


def _open_draw_mg(*, patient_id: uuid.UUID) -> int:
    drawn = Preparation.objects.filter(
        patient_id=patient_id, injection__isnull=True, waste__isnull=True
    ).values_list("dose_mg", flat=True)
    return sum(drawn)


def _came_in_time(*, patient_id: uuid.UUID, session: SessionKey, today: date) -> bool:
    # Who is watched still from another day has no further injection of that day's session.
    states = [VisitState.ARRIVED, *IN_THE_ROOM]
    if session.service_date == today:
        states.append(VisitState.OBSERVED)
    return Visit.objects.filter(
        patient_id=patient_id,
        session__service_date=session.service_date,
        session__slot=session.slot,
        state__in=states,
    ).exists()


def as_stock(batch: Batch, *, patient_id: uuid.UUID | None = None) -> Stock:
    """Return the batch as rules read it: without the ampoules that are drawn up or in quarantine.

    `patient_id` is whom a dose is for: what was dispensed for somebody else is not theirs.
    """
    drawn = Preparation.objects.filter(batch=batch, injection__isnull=True, waste__isnull=True)
    return Stock(
        ampoules=batch.ampoules - batch.quarantined - sum(drawn.values_list("ampoules", flat=True)),
        strength_mg=batch.line.strength_mg,
        expires_on=batch.expires_on,
        quarantined=batch.quarantined,
        is_somebody_elses=batch.patient_id not in (None, patient_id),
    )


def as_order_in_force(order: Order | None, *, slot: str, is_day_one: bool = False) -> OrderInForce | None:
    """Return the order as rules read it, with the dose of one session of the day."""
    if order is None:
        return None
    own = order.slots.filter(slot=slot).values_list("dose_mg", flat=True).first()
    return OrderInForce(
        dose_mg=own or order.dose_mg,
        daily_max_mg=order.daily_max_mg,
        interval_minutes=order.interval_minutes,
        routes=frozenset(order.routes),
        sites=frozenset(order.sites),
        ends_at=order.ends_at,
        is_suspended=is_suspended(order),
        least_mg=order.least_mg,
        injections=order.injections_per_session,
        is_titration=order.kind == OrderKind.TITRATION,
        is_day_one=is_day_one,
    )


def _earlier_outcome(*, patient_id: uuid.UUID, session: SessionKey) -> EarlierOutcome | None:
    standing = (
        SessionOutcome.objects.select_related("recorded_by")
        .filter(
            session__patient_id=patient_id,
            session__service_date=session.service_date,
            session__slot=session.slot,
            amended_by__isnull=True,
            late_arrival__isnull=True,
        )
        .first()
    )
    if standing is None:
        return None
    return EarlierOutcome(f"{session.label} of today: {_in_words(standing)} Nothing more was stored.")


def _in_words(outcome: SessionOutcome) -> str:
    who = outcome.recorded_by.full_name if outcome.recorded_by else "imported history"
    when = f" at {outcome.recorded_at.astimezone(LONDON):%H:%M}" if outcome.recorded_at else ""
    what = f"{outcome.given_mg} mg given" if outcome.given_mg else outcome.get_outcome_display()
    return f"{what}, recorded by {who}{when}."
