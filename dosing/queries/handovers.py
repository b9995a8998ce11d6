"""Handovers: the facts of a session's end, what was signed, and what nobody of the next team has read yet."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from dosing.models import (
    Discrepancy,
    Emergency,
    EmergencyLine,
    Handover,
    Hold,
    Injection,
    OrderPeriod,
    Release,
    SessionOutcome,
    Visit,
)
from dosing.queries.closed import get_closed_sentence
from dosing.queries.closing import list_unended
from dosing.queries.missed import openings_of
from dosing.queries.paper_pages import count_open_cases
from dosing.queries.paper_waiting import waiting_at
from dosing.queries.sessions import SessionKey
from dosing.queries.standing import syringe_is_back
from dosing.queries.unread import title_of
from dosing.queries.used_packs import list_used_packs
from dosing.queries.visits import hold_in_words
from dosing.rules.cases import CaseEventKind
from dosing.rules.emergencies import ENDS
from dosing.rules.handovers import Fact, FactKind, grouped
from dosing.rules.moments import moment_in_words
from dosing.rules.orders import Product
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, Slot
from hat_clinic.core.clock import LONDON, london_date

# How long a dose is new. Source: clinical rule 5.
NEW_FOR = timedelta(hours=72)
SHOWN = 60


@dataclass(frozen=True, slots=True)
class ToHandOver:
    """A session that has begun today, and how often it was handed over already."""

    session: SessionKey
    signed: int

    @property
    def number(self) -> int:
        """The number of the next that is signed for it: 1, and more for an addition."""
        return self.signed + 1

    @property
    def title(self) -> str:
        """Return it in words."""
        return title_of(self.session.service_date, self.session.slot, self.number)


def list_sessions_to_hand_over(*, clinic: Clinic, at: datetime) -> tuple[ToHandOver, ...]:
    """Return the sessions of today that have begun, the last first; none before the first."""
    today = london_date(at)
    begun = [one for one in openings_of(clinic) if one.begins(today) <= at.astimezone(UTC)]
    begun.sort(key=lambda one: one.begins(today), reverse=True)
    signed = Counter(
        Handover.objects.filter(clinic=clinic, service_date=today).values_list("slot", flat=True)
    )
    return tuple(ToHandOver(SessionKey(today, one.slot), signed[one.slot]) for one in begun)


def list_handover_facts(*, clinic: Clinic, session: SessionKey, at: datetime) -> tuple[Fact, ...]:
    """Return what the program knows at the end of a session, in words that say clock times and no elapsed time.

    In the order of the page, by name; a fixed number of statements.
    """
    facts = [
        *_of_visits(clinic),
        *_of_emergencies(clinic, session),
        *_of_holds(clinic),
        *_of_leaving(clinic, session),
        *_not_given(clinic, session, at),
        *_new_doses(clinic, at),
        *_of_the_clinic(clinic, session, at),
    ]
    return tuple(sorted(facts, key=lambda one: (list(FactKind).index(one.kind), one.name, one.words)))


def _of_visits(clinic: Clinic) -> Iterable[Fact]:
    going_on = Visit.objects.select_related("patient", "preparation").filter(
        clinic=clinic, ended_at__isnull=True
    )
    for visit in going_on:
        name, person = visit.patient.full_name, visit.patient_id
        if visit.injected_at is not None and visit.observe_until is not None:
            words = f"until {_clock(visit.observe_until)}"
            if visit.next_due_at is not None:
                words += f", next reading due {_clock(visit.next_due_at)}"
            if visit.escalation:
                words += f", escalation {visit.escalation}"
            yield Fact(FactKind.OBSERVED, words, name, person)
        if visit.state == VisitState.PREPARED and visit.preparation is not None:
            drawn = visit.preparation
            yield Fact(
                FactKind.DRAWN, f"{drawn.dose_mg} mg drawn up at {_clock(drawn.prepared_at)}", name, person
            )
        elif visit.injected_at is None:
            yield Fact(FactKind.IN_ROOM, f"came at {_clock(visit.arrived_at)}", name, person)


def _of_emergencies(clinic: Clinic, session: SessionKey) -> Iterable[Fact]:
    begins = datetime.combine(session.service_date, datetime.min.time(), LONDON)
    # Those of the day, and those of a day before that go on.
    of_today = Q(began_at__gte=begins, began_at__lt=begins + timedelta(days=1))
    goes_on = ~Exists(EmergencyLine.objects.filter(emergency=OuterRef("pk"), kind__in=ENDS))
    theirs = Emergency.objects.select_related("patient").filter(of_today | goes_on, clinic=clinic)
    for one in theirs:
        yield Fact(
            FactKind.EMERGENCY, f"began at {_clock(one.began_at)}", one.patient.full_name, one.patient_id
        )


def _of_holds(clinic: Clinic) -> Iterable[Fact]:
    standing = Hold.objects.select_related("patient", "opened_by").filter(
        clinic=clinic, lifted_at__isnull=True
    )
    for hold in standing:
        yield Fact(FactKind.HOLD, hold_in_words(hold), hold.patient.full_name, hold.patient_id)


def _of_leaving(clinic: Clinic, session: SessionKey) -> Iterable[Fact]:
    of_this = {
        "session__clinic": clinic,
        "session__service_date": session.service_date,
        "session__slot": session.slot,
    }
    for one in Release.objects.select_related("injection__patient").filter(left_early=True, **of_this):
        person = one.injection.patient
        words = f"at {_clock(one.released_at)}: {one.reason}"
        yield Fact(FactKind.LEFT_EARLY, words, person.full_name, person.id)
    for dose in _without_syringe(of_this):
        words = f"after the injection that ended at {_clock(dose.ended_at)}"
        yield Fact(FactKind.SYRINGE, words, dose.patient.full_name, dose.patient_id)


def _without_syringe(of_this: dict[str, Any]) -> QuerySet[Injection]:
    given = Injection.objects.select_related("patient").alias(is_back=syringe_is_back())
    return given.filter(is_back=False, **of_this)


def _not_given(clinic: Clinic, session: SessionKey, at: datetime) -> Iterable[Fact]:
    ended = SessionOutcome.objects.select_related("session__patient").filter(
        session__clinic=clinic,
        session__service_date=session.service_date,
        session__slot=session.slot,
        given_mg__isnull=True,
        amended_by__isnull=True,
        late_arrival__isnull=True,
    )
    for one in ended:
        words = f"{one.get_outcome_display()}: {one.reason.replace('_', ' ')}"
        yield Fact(FactKind.NOT_GIVEN, words, one.session.patient.full_name, one.session.patient_id)
    label = Slot(session.slot).label
    for missing in list_unended(clinic=clinic, at=at):
        if missing.session == label and missing.what.startswith(("has not come", "is still to come")):
            words = "has not come, and nothing is recorded"
            yield Fact(FactKind.NOT_GIVEN, words, missing.name, missing.patient_id)


def _new_doses(clinic: Clinic, at: datetime) -> Iterable[Fact]:
    live = OrderPeriod.objects.select_related("patient", "order__replaces").filter(
        product=Product.DIAMORPHINE,
        during__contains=at,
        order__premises__clinic=clinic,
        order__episode__exited_on__isnull=True,
        order__starts_at__gt=at - NEW_FOR,
        order__replaces__isnull=False,
    )
    for period in live:
        order = period.order
        if order.replaces is None or order.replaces.dose_mg == order.dose_mg:
            continue
        words = f"{order.dose_mg} mg, before {order.replaces.dose_mg} mg, since {moment_in_words(order.starts_at)}"
        yield Fact(FactKind.NEW_DOSE, words, period.patient.full_name, period.patient_id)


def _of_the_clinic(clinic: Clinic, session: SessionKey, at: datetime) -> Iterable[Fact]:
    cases = (
        Discrepancy.objects.filter(balance_result__balance_check__line__premises__clinic=clinic)
        .exclude(events__kind=CaseEventKind.CLOSED)
        .count()
    )
    if cases:
        yield Fact(
            FactKind.CASE, f"{cases} open: the controlled-drug lead works on {'it' if cases == 1 else 'them'}"
        )
    for used in list_used_packs(clinic=clinic, at=at):
        if used.missing:
            yield Fact(FactKind.PAPER, used.words)
    contested = count_open_cases(clinic=clinic)
    if contested:
        yield Fact(
            FactKind.PAPER,
            f"{contested} contested: the clinical lead settles {'it' if contested == 1 else 'them'}",
        )
    waiting = waiting_at(clinic).count()
    if waiting:
        yield Fact(FactKind.PAPER, f"{waiting} without a register line: see Contested lines")
    closed = get_closed_sentence(clinic=clinic, at=at, today=session.service_date)
    if closed:
        yield Fact(FactKind.CLOSED, closed)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%H:%M}"


# --- pages -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandoverShown:
    """One handover as it was signed, with what was written about people and who read it."""

    id: uuid.UUID
    title: str
    groups: tuple[tuple[str, tuple[Fact, ...]], ...]
    notes: tuple[tuple[str, str], ...]
    words: str
    signed: str
    signer_id: uuid.UUID
    read: str
    people: tuple[uuid.UUID, ...]


def get_handover(*, clinic: Clinic, handover_id: uuid.UUID) -> HandoverShown | None:
    """Return one handover of a clinic; None for another's."""
    found = _handovers(clinic).filter(id=handover_id).first()
    return _shown(found) if found is not None else None


def list_handovers(*, clinic: Clinic) -> tuple[HandoverShown, ...]:
    """Return the last handovers of a clinic, the newest first."""
    return tuple(_shown(one) for one in _handovers(clinic).order_by("-signed_at", "-number")[:SHOWN])


def list_handovers_of(*, clinic: Clinic, session: SessionKey) -> tuple[Handover, ...]:
    """Return what was handed over of one session, by number."""
    theirs = Handover.objects.filter(clinic=clinic, service_date=session.service_date, slot=session.slot)
    return tuple(theirs.order_by("number"))


def _handovers(clinic: Clinic) -> QuerySet[Handover]:
    return (
        Handover.objects.filter(clinic=clinic)
        .select_related("signed_by", "acknowledgement__acknowledged_by")
        .prefetch_related("notes__patient")
    )


def _shown(one: Handover) -> HandoverShown:
    facts = tuple(Fact.thawed(told) for told in one.facts)
    read = getattr(one, "acknowledgement", None)
    notes = sorted(one.notes.all(), key=lambda note: note.patient.full_name)
    named = [fact.patient_id for fact in facts if fact.patient_id] + [note.patient_id for note in notes]
    return HandoverShown(
        id=one.id,
        title=title_of(one.service_date, one.slot, one.number),
        groups=grouped(facts),
        notes=tuple((note.patient.full_name, note.words) for note in notes),
        words=one.words,
        signed=f"{one.signed_by.full_name}, {moment_in_words(one.signed_at)}",
        signer_id=one.signed_by_id,
        read=f"{read.acknowledged_by.full_name}, {moment_in_words(read.acknowledged_at)}" if read else "",
        people=tuple(dict.fromkeys(named)),
    )
