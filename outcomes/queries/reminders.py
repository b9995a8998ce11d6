"""Whom to remind of what is tomorrow and shortly after, and how they may be reached for that."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from outcomes.queries.appointments import AppointmentShown, appointments_between
from patients.models import ContactDetail, Episode
from patients.rules.contacts import ContactPurpose

# The list of reminders: tomorrow, and so many days after it.
DAYS_AFTER_TOMORROW = 3


@dataclass(frozen=True, slots=True)
class Reminder:
    """One person to remind of one appointment, and how they may be reached for that."""

    appointment: AppointmentShown
    reach: tuple[str, ...]
    has_left: bool


@dataclass(frozen=True, slots=True)
class ReminderDay:
    """Whom to remind of what is on one day."""

    on: date
    is_tomorrow: bool
    reminders: tuple[Reminder, ...]


@dataclass(frozen=True, slots=True)
class RemindersPage:
    """Whom to remind of what is tomorrow, and on the days after it."""

    today: date
    days: tuple[ReminderDay, ...]

    @property
    def told_of(self) -> list[uuid.UUID]:
        """Everybody that the page names, once."""
        people = [one.appointment.person_id for day in self.days for one in day.reminders]
        return list(dict.fromkeys(people))


def get_reminders(*, clinic: Clinic, at: datetime) -> RemindersPage:
    """Return whom to remind, in time, each with the ways to reach them that they gave for appointments.

    Nobody who has died is among them; of whoever has left it is said.
    """
    today = london_date(at)
    days = [today + timedelta(days=1 + number) for number in range(1 + DAYS_AFTER_TOMORROW)]
    rows = [row for row in appointments_between(clinic, days[0], days[-1], at) if row.is_open]
    treatments = Episode.objects.filter(clinic=clinic, person_id__in=[row.person_id for row in rows])
    ends = list(treatments.values_list("person_id", "exited_on", "exit_reason"))
    here = {person for person, left_on, _ in ends if left_on is None}
    died = {person for person, _, reason in ends if reason == Episode.ExitReason.DIED}
    rows = [row for row in rows if row.person_id not in died]
    reach: dict[uuid.UUID, list[str]] = {}
    details = ContactDetail.objects.filter(
        person_id__in=[row.person_id for row in rows],
        purpose=ContactPurpose.APPOINTMENTS.value,
        ended_at__isnull=True,
    )
    for detail in details.order_by("added_at", "id"):
        unsafe = "" if detail.knows_of_treatment else " (do not say that they are in treatment)"
        reach.setdefault(detail.person_id, []).append(f"{detail.who}: {detail.how}{unsafe}")
    return RemindersPage(
        today=today,
        days=tuple(
            ReminderDay(
                on=day,
                is_tomorrow=day == days[0],
                reminders=tuple(
                    Reminder(row, tuple(reach.get(row.person_id, ())), has_left=row.person_id not in here)
                    for row in rows
                    if row.on == day
                ),
            )
            for day in days
        ),
    )
