"""One person on the paper pack: what is ordered, when not before, and what stands against it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dosing.models import Hold, Injection, Order, Visit
from dosing.queries.oral import (
    OralDoseGiven,
    list_oral_doses,
    list_oral_orders_in_force,
    supervision_in_words,
)
from dosing.queries.order_words import lines_of_order
from dosing.queries.preparations import ml
from dosing.queries.sessions import KnownAtTheHatch, SessionKey, get_session_facts, session_dose_mg
from dosing.queries.standing import as_it_stands
from dosing.queries.visits import ago_in_words, get_open_draw_in_words, hold_in_words, initials_of
from dosing.rules.limits import OrderKind
from dosing.rules.moments import end_in_words
from dosing.rules.oral import OralDrug
from dosing.rules.orders import Route
from dosing.rules.preparations import volume_ul
from dosing.rules.sessions import allowed_mg, least_minutes, may_start, rests_on
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON, london_date
from patients.models import Person
from patients.queries.consents import has_consent
from patients.rules.consents import Purpose
from patients.rules.people import Allergies

# What paper says in its own place, and not once more among what stands against a dose.
_TOLD_ELSEWHERE = frozenset({"interval", "short_interval"})
# Somebody who has had an injection of this session may have a further one: the outcome bars nothing yet.
IN_BETWEEN = (VisitState.OBSERVED, VisitState.PREPARED)
_STATES = {
    VisitState.ARRIVED: "has arrived",
    VisitState.IDENTIFIED: "in the room, identified",
    VisitState.CHECKED: "in the room, checked",
    VisitState.PREPARED: "in the room, a dose is drawn up",
    VisitState.OBSERVED: "being observed",
    VisitState.RELEASED: "has been and left",
    VisitState.LEFT_EARLY: "left early",
    VisitState.NOT_GIVEN: "no dose this session, recorded already",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """For which clinic and session a pack is made, when, and the moments that doses are looked at for.

    `ends_at` is when the session closes; `closed` says why the clinic holds no sessions at that moment.
    """

    clinic: Clinic
    session: SessionKey
    at: datetime
    judged_at: datetime
    ends_at: datetime
    closed: str = ""


@dataclass(frozen=True, slots=True)
class PackLine:
    """One person as they stand on paper. Everything is in words; the milligrams beside them are what was ordered.

    `capped` says the most that may be given where that is less than ordered, and why; `later` what the gap will ask for
    before the session closes; `stands` what bars a dose.
    """

    patient_id: uuid.UUID
    name: str
    initials: str
    born_on: date | None
    nhs_number: str
    allergies: str
    ordered: str
    volume: str
    routes: str
    plan: tuple[tuple[str, str], ...]
    capped: str
    later: str
    last: str
    last_ago: str
    not_before_at: datetime | None
    not_before: str
    order_ends: str
    stands: tuple[str, ...]
    oral: tuple[str, ...]
    visit: str


def pack_line(person: Person, asked: Asked) -> PackLine:
    """Return one person's line. Doses are looked at for the moment asked for, by the rules of the hatch."""
    known = get_session_facts(
        patient_id=person.id, clinic=asked.clinic, session=asked.session, at=asked.judged_at
    )
    order = known.order
    last = Injection.objects.filter(patient=person).order_by("-ended_at").first()
    moment = _not_before(known)
    return PackLine(
        patient_id=person.id,
        name=person.full_name,
        initials=initials_of(person.given_names, person.family_name),
        born_on=person.born_on,
        nhs_number=person.nhs_number or "",
        allergies=_allergies(person),
        ordered=_ordered(known),
        volume=_volume(known),
        routes=" or ".join(route.label for route in Route if order is not None and route in order.routes),
        plan=_plan(order),
        capped=_capped(known),
        later=_later(person, known, asked),
        last=_last_words(last),
        last_ago=ago_in_words(last.ended_at, asked.at) if last is not None else "",
        not_before_at=moment,
        not_before=_moment_words(moment, asked.at),
        order_ends=end_in_words(order.ends_at) if order is not None else "",
        stands=_stands(person, known, asked),
        oral=_oral(person, asked),
        visit=_visit_words(person, asked.session),
    )


def _allergies(person: Person) -> str:
    asked = Allergies(person.allergies_asked)
    return person.allergies if asked is Allergies.KNOWN else asked.label


def _doses(known: KnownAtTheHatch) -> tuple[int, ...]:
    """Return what is ordered for the session: one dose, the two ends of a range, or the step of a plan."""
    order, facts = known.order, known.facts.order
    if order is None or facts is None:
        return ()
    if order.kind == OrderKind.TITRATION:
        step = session_dose_mg(known)
        return (step,) if step else ()
    return (order.least_mg, facts.dose_mg) if order.least_mg is not None else (facts.dose_mg,)


def _ordered(known: KnownAtTheHatch) -> str:
    doses = _doses(known)
    if not doses:
        return "none"
    is_plan = known.order is not None and known.order.kind == OrderKind.TITRATION
    words = " to ".join(str(mg) for mg in doses)
    return f"at most {words} mg" if is_plan else f"{words} mg"


def _volume(known: KnownAtTheHatch) -> str:
    doses, limits = _doses(known), known.facts.protocol
    if not doses or limits is None:
        return ""
    per_ml = limits.concentration_mg_per_ml
    words = " to ".join(ml(volume_ul(dose_mg=mg, concentration_mg_per_ml=per_ml)) for mg in doses)
    return f"{words} ml at {per_ml} mg in 1 ml"


def _plan(order: Order | None) -> tuple[tuple[str, str], ...]:
    return lines_of_order(order) if order is not None else ()


def _capped(known: KnownAtTheHatch) -> str:
    """Return the most that may be given where that is less than what is ordered, with every reason for it."""
    facts, doses = known.facts, _doses(known)
    if not doses or facts.protocol is None or facts.order is None:
        return ""
    most = allowed_mg(facts)
    if most >= max(doses):
        return ""
    so_far = f"{facts.given_in_session_mg} mg was given in this session" if facts.given_in_session_mg else ""
    day = min(facts.order.daily_max_mg, facts.protocol.daily_block_mg) - facts.given_today_mg
    window = facts.protocol.daily_block_mg - facts.given_in_window_mg
    total = "what was given today and in the last 20 hours" if min(day, window) <= most else ""
    why = "; ".join(
        filter(None, (so_far, *(cap.why.rstrip(".") for cap in facts.caps if cap.mg <= most), total))
    )
    per_ml = facts.protocol.concentration_mg_per_ml
    volume = ml(volume_ul(dose_mg=max(most, 0), concentration_mg_per_ml=per_ml))
    return f"At most {most} mg ({volume} ml) now: {why or 'the limits in force'}."


def _later(person: Person, known: KnownAtTheHatch, asked: Asked) -> str:
    """Return what the gap asks for before the session closes, where that is more than now.

    Paper cannot look again when somebody comes late. Source: clinical rule 32.
    """
    limits, last_ended_at = known.facts.protocol, known.facts.last_ended_at
    if limits is None or last_ended_at is None or not _doses(known):
        return ""
    late = get_session_facts(
        patient_id=person.id,
        clinic=asked.clinic,
        session=asked.session,
        at=asked.ends_at - timedelta(seconds=1),
    )
    most, most_late = allowed_mg(known.facts), allowed_mg(late.facts)
    bars = [one.message for one in late.facts.gap.refusals if one not in known.facts.gap.refusals]
    if not bars and most_late >= most:
        return ""
    hours = (limits.gap_full_hours, limits.gap_cap_hours, limits.gap_decide_hours)
    steps = [last_ended_at + timedelta(hours=one) for one in hours]
    first = next((step for step in steps if asked.judged_at <= step < asked.ends_at), None)
    since = f"After {first.astimezone(LONDON):%H:%M}" if first is not None else "Before the session closes"
    return f"{since}: {' '.join(bars) if bars else f'at most {max(most_late, 0)} mg.'}"


def _last_words(last: Injection | None) -> str:
    if last is None:
        return "none recorded here"
    began = last.started_at.astimezone(LONDON)
    return f"{as_it_stands(last).given_mg} mg, {began.day} {began:%B} at {began:%H:%M}"


def _not_before(known: KnownAtTheHatch) -> datetime | None:
    """Return when the interval since the last injection is over; None where nothing is ordered or was given."""
    facts = known.facts
    if facts.order is None or facts.protocol is None or facts.last_ended_at is None:
        return None
    return facts.last_ended_at + timedelta(minutes=least_minutes(facts.order, facts.protocol, facts))


def _moment_words(moment: datetime | None, at: datetime) -> str:
    if moment is None:
        return "no time to wait for"
    wall = moment.astimezone(LONDON)
    day = "" if london_date(moment) == london_date(at) else f"{wall.day} {wall:%B} at "
    passed = "" if moment > at else ", which has passed"
    return f"{day}{wall:%H:%M}{passed}"


def _stands(person: Person, known: KnownAtTheHatch, asked: Asked) -> tuple[str, ...]:
    """Return what bars a dose: refusals of the rules, consent, every hold at any clinic, a dose without an ending."""
    # The outcome that is recorded hides everything else from the rule of the first dose: both are told.
    visit = _visit(person, asked.session)
    recorded = () if visit is not None and visit.state in IN_BETWEEN else may_start(known.facts).refusals
    found = {one.message: one.code for one in (*recorded, *rests_on(known.facts).refusals)}
    refused = [message for message, code in found.items() if code not in _TOLD_ELSEWHERE]
    if asked.closed:
        refused.insert(0, asked.closed)
    if not has_consent(person_id=person.id, purpose=Purpose.TREATMENT, at=asked.at):
        refused.append("No consent to treatment stands.")
    holds = Hold.objects.select_related("opened_by").filter(patient=person, lifted_at__isnull=True)
    drawn = get_open_draw_in_words(patient_id=person.id)
    return (*refused, *map(hold_in_words, holds.order_by("opened_at")), *([drawn] if drawn else []))


def _oral(person: Person, asked: Asked) -> tuple[str, ...]:
    orders = list_oral_orders_in_force(patient_id=person.id, clinic_id=asked.clinic.id, at=asked.judged_at)
    lately = list_oral_doses(patient_id=person.id, since=asked.at - timedelta(hours=25))
    today = [dose for dose in lately if london_date(dose.given_at) == london_date(asked.at)]
    return tuple(
        f"{OralDrug(order.drug).label}, {order.daily_mg} mg a day, {supervision_in_words(order.is_supervised)}; "
        f"{_taken_today([dose for dose in today if dose.drug == order.drug])}"
        for order in orders
    )


def _taken_today(doses: list[OralDoseGiven]) -> str:
    """Return what was taken of the day's milligrams: the paper must not lead to a second dose."""
    if not doses:
        return "none given today when this was made"
    last = doses[-1].given_at.astimezone(LONDON)
    return f"{sum(dose.mg for dose in doses)} mg given today already, last at {last:%H:%M}"


def _visit(person: Person, session: SessionKey) -> Visit | None:
    """Return the visit that has not ended, of whatever session, else the one of the pack's session."""
    visits = Visit.objects.select_related("session").filter(patient=person)
    return (
        visits.filter(ended_at__isnull=True).order_by("-arrived_at").first()
        or visits.filter(session__service_date=session.service_date, session__slot=session.slot).first()
    )


def _visit_words(person: Person, session: SessionKey) -> str:
    visit = _visit(person, session)
    if visit is None:
        return "has not come yet"
    until = visit.observe_until
    words = _STATES[VisitState(visit.state)]
    theirs = SessionKey(visit.session.service_date, visit.session.slot)
    if theirs != session:
        words = f"{words}, since the {theirs.label.lower()}"
    if visit.state == VisitState.OBSERVED and until is not None:
        return f"{words} until {until.astimezone(LONDON):%H:%M}"
    return words
