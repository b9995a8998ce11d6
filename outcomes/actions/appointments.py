"""Booking an appointment, moving it, cancelling it. What came of it is logged as a support session."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.agency_slots import lock_agency
from outcomes.actions.support import lock_treatment
from outcomes.models import AgencySlot, Appointment, AppointmentEnd
from outcomes.queries.agency_slots import slot_said
from outcomes.queries.askings import has_died
from outcomes.queries.following import is_case_worker_here
from outcomes.queries.support import standing_sessions
from outcomes.rules.appointments import (
    AppointmentSaid,
    BookingFacts,
    Ending,
    Whose,
    may_book,
    may_end_appointment,
)

SENT_BEFORE = "This form was sent before with other answers. Open a new one and write it there."


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """One appointment as it was sent: what the rules judge, with whom, and in which agency's time."""

    said: AppointmentSaid
    slot_id: uuid.UUID | None = None
    agency_id: uuid.UUID | None = None
    worker_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Who cancelled or moved an appointment, and why."""

    whose: Whose
    words: str


class AppointmentRefused(Refused):
    """Nothing was booked, moved or cancelled; `decision` holds every reason."""


class AppointmentKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


def book_appointment(
    *, clinic: Clinic, person: uuid.UUID, booking: Booking, key: uuid.UUID, by: User, at: datetime
) -> Appointment:
    """Book a person of the clinic for a time, once.

    The same key with the same content from the same person returns the first row. Raises AppointmentRefused with
    every reason (the refusal is in the trail), AppointmentKeyReused and NotInTreatmentHere.
    """

    def work() -> Appointment | Decision:
        lock_treatment(clinic, person)
        slot = _lock_slot(clinic, booking)
        _lock_worker(booking)
        fields = _fields(clinic, person, booking, slot, by, moved_from=None)
        if stored := Appointment.objects.filter(key=key).first():
            return _same(stored, fields)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = _may_book(clinic, person, booking, slot, by=by, at=at)
        if not decision.is_allowed:
            record("outcomes.appointment_booked", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = Appointment.objects.create(key=key, booked_at=at, **fields)
        record("outcomes.appointment_booked", thing=row, domain=row.domain, **trail)
        return row

    return _answer(one_act(work))


def move_appointment(
    *,
    clinic: Clinic,
    appointment: uuid.UUID,
    booking: Booking,
    reason: Reason,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Appointment:
    """Move an appointment to another time, once: the first is ended and a new one names it; both stay to be read.

    Raises Appointment.DoesNotExist for one of another clinic, AppointmentRefused (in the trail) and
    AppointmentKeyReused.
    """

    def work() -> Appointment | Decision:
        first = Appointment.objects.get(id=appointment, clinic=clinic)
        person = first.patient_id
        lock_treatment(clinic, person)
        slot = _lock_slot(clinic, booking)
        _lock_worker(booking)
        fields = _fields(clinic, person, booking, slot, by, moved_from=first.id)
        if stored := Appointment.objects.filter(key=key).first():
            return _same(stored, fields)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = _may_end(first, reason, at=at) | _may_book(
            clinic, person, booking, slot, by=by, at=at, instead_of=first
        )
        if not decision.is_allowed:
            record("outcomes.appointment_moved", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        _end(first, Ending.MOVED, reason, by=by, at=at)
        row = Appointment.objects.create(key=key, booked_at=at, **fields)
        record(
            "outcomes.appointment_moved", thing=row, moved=str(first.id), whose=reason.whose.value, **trail
        )
        return row

    return _answer(one_act(work))


def cancel_appointment(
    *, clinic: Clinic, appointment: uuid.UUID, reason: Reason, by: User, at: datetime
) -> AppointmentEnd:
    """Cancel an appointment, once; sent again the same, it changes nothing.

    Raises Appointment.DoesNotExist for one of another clinic, and AppointmentRefused; the refusal is in the trail.
    """

    def work() -> AppointmentEnd | Decision:
        asked = Appointment.objects.get(id=appointment, clinic=clinic)
        lock_treatment(clinic, asked.patient_id)
        said = (Ending.CANCELLED.value, reason.whose.value, reason.words.strip(), by.id)
        end = AppointmentEnd.objects.filter(appointment=asked).first()
        if end is not None and (end.how, end.whose, end.words, end.ended_by_id) == said:
            return end
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": asked.patient_id}
        decision = _may_end(asked, reason, at=at)
        if not decision.is_allowed:
            record("outcomes.appointment_cancelled", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        end = _end(asked, Ending.CANCELLED, reason, by=by, at=at)
        record("outcomes.appointment_cancelled", thing=asked, whose=reason.whose.value, **trail)
        return end

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise AppointmentRefused(answer)
    return answer


def _answer(answer: Appointment | Decision) -> Appointment:
    if isinstance(answer, Decision):
        raise AppointmentRefused(answer)
    return answer


def _lock_slot(clinic: Clinic, booking: Booking) -> AgencySlot | None:
    if booking.slot_id is None:
        return None
    slot = AgencySlot.objects.get(id=booking.slot_id, clinic=clinic)
    lock_agency(slot.agency_id)
    return slot


def _lock_worker(booking: Booking) -> None:
    """Lock the colleague, so that two who book them follow each other; the person and the agency come before."""
    if booking.worker_id is not None:
        User.objects.select_for_update(no_key=True).filter(pk=booking.worker_id).first()


def _may_book(
    clinic: Clinic,
    person: uuid.UUID,
    booking: Booking,
    slot: AgencySlot | None,
    *,
    by: User,
    at: datetime,
    instead_of: Appointment | None = None,
) -> Decision:
    said, worker = booking.said, booking.worker_id
    meanwhile = Appointment.objects.filter(
        is_standing=True, starts_at__lt=said.ends_at, ends_at__gt=said.starts_at
    ).exclude(id__in=[instead_of.id] if instead_of else [])
    theirs = Q(clinic=clinic, patient_id=person)
    other = meanwhile.filter(theirs).order_by("starts_at").first()
    of_worker = (
        meanwhile.filter(worker_id=worker).exclude(theirs).order_by("starts_at").first() if worker else None
    )
    return may_book(
        said,
        BookingFacts(
            slot=slot_said(slot) if slot else None,
            place_is_taken=slot is not None and meanwhile.filter(slot=slot).exists(),
            other=other.starts_at if other else None,
            is_with_somebody=slot is not None or booking.agency_id is not None or worker is not None,
            worker_is_here=worker in (None, by.id)
            or is_case_worker_here(clinic=clinic, user_id=worker or by.id, at=at),
            has_died=has_died(clinic=clinic, person_id=person),
            of_worker=of_worker.starts_at if of_worker else None,
        ),
        at=at,
    )


def _fields(
    clinic: Clinic,
    person: uuid.UUID,
    booking: Booking,
    slot: AgencySlot | None,
    by: User,
    *,
    moved_from: uuid.UUID | None,
) -> dict[str, Any]:
    said = booking.said
    return {
        "clinic_id": clinic.id,
        "patient_id": person,
        "starts_at": said.starts_at,
        "ends_at": said.ends_at,
        "domain": str(said.domain),
        "slot_id": slot.id if slot else None,
        "agency_id": slot.agency_id if slot else booking.agency_id,
        "worker_id": booking.worker_id,
        "where": said.where.strip(),
        "words": said.words.strip(),
        "moved_from_id": moved_from,
        "booked_by_id": by.id,
    }


def _same(stored: Appointment, fields: dict[str, Any]) -> Appointment:
    if any(getattr(stored, name) != value for name, value in fields.items()):
        raise AppointmentKeyReused(SENT_BEFORE)
    return stored


def _may_end(appointment: Appointment, reason: Reason, *, at: datetime) -> Decision:
    is_logged = standing_sessions(appointment.clinic, [appointment.patient_id]).filter(
        appointment=appointment
    )
    return may_end_appointment(
        has_ended=AppointmentEnd.objects.filter(appointment=appointment).exists(),
        is_logged=is_logged.exists(),
        words=reason.words,
        has_begun=appointment.starts_at <= at,
        whose=reason.whose,
    )


def _end(appointment: Appointment, how: Ending, reason: Reason, *, by: User, at: datetime) -> AppointmentEnd:
    return AppointmentEnd.objects.create(
        appointment=appointment,
        how=how.value,
        whose=reason.whose.value,
        words=reason.words.strip(),
        ended_by=by,
        ended_at=at,
    )
