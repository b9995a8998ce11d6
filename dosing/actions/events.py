"""What an event after a dose sets in motion, inside the act that tells of it: a hold, an emergency, its end."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.actions.opened_holds import open_hold
from dosing.models import Emergency, EmergencyIncident, EmergencyLine, Hold, Injection, Reading, Visit
from dosing.queries.emergencies import get_standing_emergency
from dosing.queries.observation import get_watched
from dosing.queries.standing import as_it_stands
from dosing.rules.checks import Readings
from dosing.rules.emergencies import (
    LAID_TO_A_DOSE_WITHIN,
    IncidentCategory,
    LineKind,
    NaloxoneGiven,
    consequence_of,
)
from dosing.rules.moments import exact_moment
from dosing.rules.observation import Escalation, watch_until
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record


def _in_figures(readings: Readings) -> str:
    """Return one set in figures: "POSS 4, breathing 6, oxygen 84 %"."""
    oxygen = "oxygen not measured" if readings.oxygen is None else f"oxygen {readings.oxygen} %"
    return f"POSS {readings.sedation.value}, breathing {readings.breaths}, {oxygen}"


def follow_reading(
    *, visit: Visit, reading: Reading, readings: Readings, by: User, at: datetime
) -> Emergency | None:
    """Do what a reading asks for, in the caller's transaction: a hold for review, or an emergency.

    An emergency that stands already is gone on with; somebody who had to be roused twice in a session is held once.
    Source: clinical rule 28.
    """
    escalation = Escalation(reading.escalation)
    if escalation is Escalation.B:
        return begin(
            clinic=visit.clinic,
            patient_id=visit.patient_id,
            reading=reading,
            terminal_id=None,
            key=uuid.uuid4(),
            by=by,
            at=at,
        )
    standing = Hold.objects.filter(patient_id=visit.patient_id, lifted_at__isnull=True)
    is_held = standing.filter(reading__session=visit.session_id).exists() or (
        standing.filter(emergency__session=visit.session_id).exists()
    )
    if escalation is Escalation.A and not is_held:
        words = f"{_in_figures(readings)} on {exact_moment(at)}."
        _hold(escalation, False, visit.clinic_id, visit.patient_id, words, by=by, at=at, reading=reading)
    return None


def follow_amended_reading(
    *, visit: Visit, reading: Reading, readings: Readings, was: Escalation, by: User, at: datetime
) -> None:
    """Do what a reading that was put right asks for now, in the caller's transaction, where it asks for more.

    Of somebody who has left already no emergency begins any more: the next dose is held for a doctor's review. What
    the wrong reading opened stands until the rules end it. Source: clinical rules 28 and 7.11.
    """
    asks = Escalation(reading.escalation)
    asks_more = list(Escalation).index(asks) > list(Escalation).index(was)
    # A hold that was lifted over the wrong figures says nothing of the right ones.
    if not asks_more and not (asks is Escalation.A and not _is_held(visit)):
        return
    if visit.ended_at is None or asks is Escalation.A:
        follow_reading(visit=visit, reading=reading, readings=readings, by=by, at=at)
        return
    hold_for_reading(
        clinic_id=visit.clinic_id,
        patient_id=visit.patient_id,
        reading=reading,
        readings=readings,
        by=by,
        at=at,
    )


def hold_for_reading(
    *,
    clinic_id: uuid.UUID,
    patient_id: uuid.UUID,
    reading: Reading,
    readings: Readings,
    by: User,
    at: datetime,
) -> None:
    """Hold the next dose of somebody who has left for a doctor's review of a reading, in the caller's transaction."""
    words = f"{_in_figures(readings)} on {exact_moment(reading.taken_at)}, known on {exact_moment(at)}."
    asks = Escalation(reading.escalation)
    _hold(asks, False, clinic_id, patient_id, words, by=by, at=at, reading=reading)


def _is_held(visit: Visit) -> bool:
    return Hold.objects.filter(patient_id=visit.patient_id, lifted_at__isnull=True).exists()


def begin(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    reading: Reading | None,
    terminal_id: uuid.UUID | None,
    key: uuid.UUID,
    by: User | None,
    at: datetime,
) -> Emergency:
    """Begin an emergency in the caller's transaction, or return the one that stands. The person is locked by now."""
    standing = get_standing_emergency(patient_id=patient_id)
    if standing is not None:
        return standing
    injection = (
        Injection.objects.filter(patient_id=patient_id, started_at__gte=at - LAID_TO_A_DOSE_WITHIN)
        .order_by("-started_at")
        .first()
    )
    visit = Visit.objects.filter(patient_id=patient_id, clinic=clinic, ended_at__isnull=True).first()
    # What happens now happens in the visit that is open; the dose that it is laid to may be one of a session before.
    session_id = visit.session_id if visit else injection.session_id if injection else None
    emergency = Emergency.objects.create(
        clinic=clinic,
        patient_id=patient_id,
        session_id=session_id,
        injection=injection,
        reading=reading,
        terminal_id=terminal_id,
        key=key,
        began_at=at,
        begun_by=by,
    )
    record(
        "dosing.emergency_started",
        by=by,
        at=at,
        clinic=clinic.id,
        person=patient_id,
        thing=emergency,
        by_a_reading=reading is not None,
        is_unsigned=by is None,
    )
    after = f", after {as_it_stands(injection).given_mg} mg" if injection else ""
    words = f"It began on {exact_moment(at)}{after}."
    _hold(Escalation.B, False, clinic.id, patient_id, words, by=by, at=at, emergency=emergency)
    _open_incident(emergency, IncidentCategory.EMERGENCY, by=by, at=at)
    _watch_again(patient_id, since=None)
    return emergency


def follow_line(
    *,
    emergency: Emergency,
    line: EmergencyLine,
    naloxone: NaloxoneGiven | None,
    by: User | None,
    at: datetime,
) -> None:
    """Do what a line asks for, in the caller's transaction: naloxone suspends the order and opens an incident.

    Source: clinical rule 29.
    """
    if naloxone is not None:
        words = f"Naloxone {naloxone.words} on {exact_moment(line.happened_at)}."
        _hold(
            Escalation.B,
            True,
            emergency.clinic_id,
            emergency.patient_id,
            words,
            by=by,
            at=at,
            emergency=emergency,
        )
        _open_incident(emergency, IncidentCategory.NALOXONE, by=by, at=at)
    if line.kind in (LineKind.NALOXONE, LineKind.NOTE):
        _watch_again(emergency.patient_id, since=emergency.began_at)


def _open_incident(
    emergency: Emergency, category: IncidentCategory, *, by: User | None, at: datetime
) -> None:
    if emergency.incidents.filter(category=category).exists():
        return
    incident = EmergencyIncident.objects.create(
        emergency=emergency, category=category, opened_at=at, opened_by=by
    )
    record(
        "dosing.incident_opened",
        by=by,
        at=at,
        clinic=emergency.clinic_id,
        person=emergency.patient_id,
        thing=incident,
        category=category.value,
    )


def follow_injection(*, clinic: Clinic, patient_id: uuid.UUID, by: User, at: datetime) -> None:
    """Watch somebody whose dose went in before an emergency as long as that asks, in the caller's transaction."""
    _watch_again(patient_id, since=None)
    record("dosing.watching_extended", by=by, at=at, clinic=clinic.id, person=patient_id)


def _watch_again(patient_id: uuid.UUID, *, since: datetime | None) -> None:
    """Let the clock of somebody being observed run as long as their emergency asks.

    An emergency that began at `since` asks nothing of a visit whose first injection came only after it.
    """
    visit = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("session")
        .filter(
            patient_id=patient_id,
            injected_at__isnull=False,
            state__in=[VisitState.OBSERVED, VisitState.PREPARED],
        )
        .first()
    )
    if visit is None or (since is not None and _first_injection_at(visit) > since):
        return
    visit.escalation = Escalation.B
    visit.observe_until = watch_until(get_watched(visit=visit))
    visit.save(update_fields=["escalation", "observe_until"])


def _first_injection_at(visit: Visit) -> datetime:
    first = Injection.objects.filter(session_id=visit.session_id).order_by("started_at").first()
    assert first is not None  # noqa: S101 - they have injected
    return first.started_at


def end_standing(*, visit: Visit, kind: LineKind, by: User, at: datetime) -> None:
    """End the emergency of a visit that ends, if one stands, in the caller's transaction."""
    emergency = get_standing_emergency(patient_id=visit.patient_id)
    if emergency is None:
        return
    line = EmergencyLine.objects.create(
        emergency=emergency, kind=kind, key=uuid.uuid4(), happened_at=at, written_at=at, written_by=by
    )
    record(
        "dosing.emergency_written",
        by=by,
        at=at,
        clinic=visit.clinic_id,
        person=visit.patient_id,
        thing=line,
        kind=kind.value,
        is_unsigned=False,
    )


def _hold(
    escalation: Escalation,
    naloxone_given: bool,
    clinic_id: uuid.UUID,
    patient_id: uuid.UUID,
    words: str,
    *,
    by: User | None,
    at: datetime,
    reading: Reading | None = None,
    emergency: Emergency | None = None,
) -> None:
    consequence = consequence_of(escalation, naloxone_given=naloxone_given)
    if consequence is None:
        return
    if emergency is not None and emergency.holds.filter(severity=consequence.severity).exists():
        return
    open_hold(
        clinic_id=clinic_id,
        patient_id=patient_id,
        severity=consequence.severity,
        codes=[consequence.reason.value],
        reason=words,
        reading=reading,
        emergency=emergency,
        by=by,
        at=at,
    )
