"""Appointments for the demo's people: when two agencies are here, and who is booked, by the real actions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.core.clock import london_date
from outcomes.actions.agency_slots import set_agency_slot
from outcomes.actions.appointments import Booking, book_appointment
from outcomes.models import AgencySlot, Appointment
from outcomes.rules.appointments import AppointmentSaid, SlotSaid
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class Booked:
    """One appointment of the demo, in some days from today. `agency` empty: with the case worker."""

    name: str
    domain: str
    in_days: int
    begins: time
    agency: str = ""
    words: str = ""


HOUSING, MONEY = "Coast Homes (invented)", "Citizens' Help (invented)"
BOOKED = (
    Booked("Gemma Reid", "housing", 1, time(10, 30), HOUSING, "Second flat"),
    Booked("Danny Marsh", "welfare", 2, time(14), MONEY),
    Booked("Jade Linton", "employment", 1, time(15), words="Course list"),
)


def book_demo_appointments(*, clinic: Clinic, by: User, at: datetime) -> None:
    """Write down when the agencies are here and book people; `by` is the case worker. Run again it adds nothing."""
    if (
        AgencySlot.objects.filter(clinic=clinic).exists()
        or Appointment.objects.filter(clinic=clinic).exists()
    ):
        return
    today = london_date(at)
    slots = {}
    for agency, in_days, begins, ends in ((HOUSING, 1, time(10), time(12)), (MONEY, 2, time(13), time(15))):
        on = today + timedelta(days=in_days)
        slots[agency] = set_agency_slot(
            clinic=clinic,
            agency=Agency.objects.get_or_create(name=agency)[0].id,
            said=SlotSaid(
                weekday=on.isoweekday(), begins=begins, ends=ends, room="Room 2", places=4, first_on=today
            ),
            key=uuid.uuid4(),
            by=by,
            at=at,
        )
    treated = {
        episode.person.full_name: episode.person_id
        for episode in Episode.objects.filter(clinic=clinic, exited_on__isnull=True).select_related("person")
    }
    for booked in BOOKED:
        if booked.name not in treated:
            continue
        said = AppointmentSaid(
            on=today + timedelta(days=booked.in_days),
            begins=booked.begins,
            minutes=30,
            domain=booked.domain,
            words=booked.words,
        )
        book_appointment(
            clinic=clinic,
            person=treated[booked.name],
            booking=(
                Booking(said=said, slot_id=slots[booked.agency].id)
                if booked.agency
                else Booking(said=said, worker_id=by.pk)
            ),
            key=uuid.uuid4(),
            by=by,
            at=at,
        )
