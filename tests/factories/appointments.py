"""Appointments and the times of agencies: leaf rows, and what case workers do with them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from factory import LazyFunction, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date, now
from outcomes.actions.appointments import Booking, book_appointment
from outcomes.models import AgencySlot, AgencySlotEnd, Appointment, AppointmentEnd
from outcomes.rules.appointments import AppointmentSaid, moment_of
from tests.factories.accounts import AgencyFactory, ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import PersonFactory


class AgencySlotFactory(DjangoModelFactory[AgencySlot]):
    """Every week on the weekday of TODAY from ten to twelve, four places of half an hour."""

    class Meta:
        model = AgencySlot

    clinic = SubFactory(ClinicFactory)
    agency = SubFactory(AgencyFactory)
    weekday = TODAY.isoweekday()
    begins = time(10)
    ends = time(12)
    room = "Room 2"
    places = 4
    first_on = TODAY
    key = LazyFunction(uuid.uuid4)
    set_by = SubFactory(UserFactory)
    set_at = NINE


class AgencySlotEndFactory(DjangoModelFactory[AgencySlotEnd]):
    class Meta:
        model = AgencySlotEnd

    slot = SubFactory(AgencySlotFactory)
    last_on = TODAY
    ended_by = SubFactory(UserFactory)
    ended_at = NINE


class AppointmentFactory(DjangoModelFactory[Appointment]):
    """With a colleague, from ten to half past on TODAY."""

    class Meta:
        model = Appointment

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    starts_at = moment_of(TODAY, time(10))
    ends_at = moment_of(TODAY, time(10, 30))
    domain = "housing"
    worker = SubFactory(UserFactory)
    key = LazyFunction(uuid.uuid4)
    booked_by = SelfAttribute("worker")
    booked_at = NINE


class AppointmentEndFactory(DjangoModelFactory[AppointmentEnd]):
    class Meta:
        model = AppointmentEnd

    appointment = SubFactory(AppointmentFactory)
    how = "cancelled"
    whose = "person"
    words = "Is ill"
    ended_by = SubFactory(UserFactory)
    ended_at = NINE


def booking(on: date, begins: time = time(10), *, by: User | None = None, **changes: Any) -> Booking:
    """Return half an hour about housing with a colleague, or in an agency's time."""
    more = {name: changes.pop(name) for name in ("slot_id", "agency_id") if name in changes}
    said = {"on": on, "begins": begins, "minutes": 30, "domain": "housing", **changes}
    return Booking(said=AppointmentSaid(**said), worker_id=by.pk if by else None, **more)


def an_appointment(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    days: int = 1,
    begins: time = time(10),
    at: datetime | None = None,
    **changes: Any,
) -> Appointment:
    """Book somebody for ten o'clock in some days, with whoever books."""
    at = at or now()
    return book_appointment(
        clinic=clinic,
        person=person_id,
        booking=booking(london_date(at) + timedelta(days=days), begins, by=by, **changes),
        key=uuid.uuid4(),
        by=by,
        at=at,
    )
