"""When agencies are in the clinic, and which of their places are free."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet

from hat_clinic.accounts.models import Agency, Clinic
from hat_clinic.core.clock import london_date
from outcomes.models import AgencySlot, AgencySlotEnd, Appointment
from outcomes.rules.appointments import DAYS_OF_THE_WEEK, SlotSaid, moment_of

# Places are offered this many days ahead, today included.
DAYS_OFFERED = 28


@dataclass(frozen=True, slots=True)
class SlotShown:
    """One time of the week at which an agency is here."""

    id: uuid.UUID
    agency: str
    weekday: str
    begins: time
    ends: time
    room: str
    places: int
    minutes: int
    first_on: date
    last_on: date | None
    set_by: str
    is_over: bool
    was_mistake: bool


@dataclass(frozen=True, slots=True)
class SlotsPage:
    """Every agency's time of a clinic: those that go on or begin, and those that are over."""

    today: date
    standing: tuple[SlotShown, ...]
    over: tuple[SlotShown, ...]
    agencies: tuple[tuple[str, str], ...]

    @property
    def every(self) -> tuple[SlotShown, ...]:
        """Those that stand, then those that are over."""
        return self.standing + self.over


@dataclass(frozen=True, slots=True)
class FreePlace:
    """One place that can be booked."""

    slot_id: uuid.UUID
    agency: str
    room: str
    on: date
    begins: time
    minutes: int

    @property
    def code(self) -> str:
        """What the form sends for it."""
        return f"{self.slot_id} {self.on} {self.begins:%H:%M}"


@dataclass(frozen=True, slots=True)
class SlotDay:
    """An agency is here on one day: when, where, and how many of its places are free."""

    agency: str
    begins: time
    ends: time
    room: str
    places: int
    free: int


def slot_said(slot: AgencySlot) -> SlotSaid:
    """Return a stored time as the rules see it, with its last day as it stands now."""
    end = AgencySlotEnd.objects.filter(slot=slot).first()
    return _said(slot, end)


def get_slots_page(*, clinic: Clinic, today: date) -> SlotsPage:
    """Return every agency's time of the clinic, in the order of the week."""
    rows = [
        _shown(row, today)
        for row in _slots(clinic).order_by("weekday", "begins", "agency__name", "first_on", "id")
    ]
    return SlotsPage(
        today=today,
        standing=tuple(row for row in rows if not row.is_over),
        over=tuple(row for row in rows if row.is_over),
        agencies=tuple((str(agency.id), agency.name) for agency in Agency.objects.order_by("name")),
    )


def list_in_room(*, clinic: Clinic, room: str) -> list[tuple[str, SlotSaid]]:
    """Return the times of one room, each with its agency; capitals make no other room."""
    asked = room.strip().lower()
    return [
        (slot.agency.name, said) for slot, said in _with_said(clinic) if slot.room.strip().lower() == asked
    ]


def list_free_places(*, clinic: Clinic, at: datetime) -> tuple[FreePlace, ...]:
    """Return what can be booked from now on, in time, in two queries."""
    today = london_date(at)
    days = [today + timedelta(days=number) for number in range(DAYS_OFFERED)]
    taken = _taken(clinic, days[0], days[-1])
    free = [
        FreePlace(slot.id, slot.agency.name, slot.room, on, begins, said.minutes_of_a_place)
        for slot, said in _with_said(clinic)
        for on in days
        if said.runs_on(on)
        for begins in said.times()
        if moment_of(on, begins) >= at and (slot.id, moment_of(on, begins)) not in taken
    ]
    return tuple(sorted(free, key=lambda place: (place.on, place.begins, place.agency, place.slot_id)))


def list_slot_days(
    *, clinic: Clinic, days: Iterable[date], agency_id: uuid.UUID | None
) -> dict[date, tuple[SlotDay, ...]]:
    """Return which agencies are here on some days, each in the order of the clock, in two queries."""
    asked = list(days)
    taken = _taken(clinic, asked[0], asked[-1])
    slots = [(slot, said) for slot, said in _with_said(clinic) if agency_id in (None, slot.agency_id)]
    found: dict[date, tuple[SlotDay, ...]] = {}
    for on in asked:
        here = [
            SlotDay(
                agency=slot.agency.name,
                begins=said.begins,
                ends=said.ends,
                room=said.room,
                places=said.places,
                free=sum((slot.id, moment_of(on, begins)) not in taken for begins in said.times()),
            )
            for slot, said in slots
            if said.runs_on(on)
        ]
        found[on] = tuple(sorted(here, key=lambda day: (day.begins, day.agency, day.room)))
    return found


def _slots(clinic: Clinic) -> QuerySet[AgencySlot]:
    return AgencySlot.objects.filter(clinic=clinic).select_related("agency", "set_by", "end")


def _with_said(clinic: Clinic) -> list[tuple[AgencySlot, SlotSaid]]:
    return [(slot, _said(slot, _end_of(slot))) for slot in _slots(clinic)]


def _taken(clinic: Clinic, first: date, last: date) -> set[tuple[uuid.UUID | None, datetime]]:
    booked = Appointment.objects.filter(
        clinic=clinic,
        slot__isnull=False,
        is_standing=True,
        starts_at__gte=moment_of(first, time.min),
        starts_at__lt=moment_of(last + timedelta(days=1), time.min),
    )
    return set(booked.values_list("slot_id", "starts_at"))


def _end_of(slot: AgencySlot) -> AgencySlotEnd | None:
    return slot.end if hasattr(slot, "end") else None


def _said(slot: AgencySlot, end: AgencySlotEnd | None) -> SlotSaid:
    last_on = slot.last_on
    if end is not None:
        # One that was a mistake was never there.
        ended_on = end.last_on or slot.first_on - timedelta(days=1)
        last_on = min(ended_on, last_on) if last_on else ended_on
    return SlotSaid(
        weekday=slot.weekday,
        begins=slot.begins,
        ends=slot.ends,
        room=slot.room,
        places=slot.places,
        first_on=slot.first_on,
        last_on=last_on,
    )


def _shown(slot: AgencySlot, today: date) -> SlotShown:
    end = _end_of(slot)
    said = _said(slot, end)
    return SlotShown(
        id=slot.id,
        agency=slot.agency.name,
        weekday=DAYS_OF_THE_WEEK[slot.weekday - 1],
        begins=slot.begins,
        ends=slot.ends,
        room=slot.room,
        places=slot.places,
        minutes=said.minutes_of_a_place,
        first_on=slot.first_on,
        last_on=said.last_on,
        set_by=slot.set_by.full_name,
        is_over=said.last_on is not None and said.last_on < today,
        was_mistake=end is not None and end.last_on is None,
    )
