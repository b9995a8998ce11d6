"""Appointments, and the times at which an agency is in the clinic."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from hat_clinic.accounts.models import Agency, Clinic
from outcomes.models.support import SupportSession
from outcomes.rules.appointments import MOST_PLACES, Ending, Whose
from outcomes.rules.support import LONGEST_LINE
from patients.models import Person

ENDINGS = [(ending.value, ending.label) for ending in Ending]
WHOSE = [(whose.value, whose.label) for whose in Whose]
WEEKDAYS = (1, 7)  # Monday to Sunday


class AgencySlot(models.Model):
    """One time of the week at which an agency sees people in the clinic. Only ever added.

    It is cut into as many places of the same length, one after the other. `last_on` None: until somebody ends it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="agency_slots")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="slots")
    weekday = models.PositiveSmallIntegerField()
    begins = models.TimeField()
    ends = models.TimeField()
    room = models.CharField(max_length=LONGEST_LINE)
    places = models.PositiveSmallIntegerField()
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    key = models.UUIDField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_agency_slot_per_key",
                violation_error_message="This time is stored already.",
            ),
            models.CheckConstraint(
                name="agency_slot_is_on_a_weekday",
                condition=Q(weekday__range=WEEKDAYS),
                violation_error_message="Choose a day of the week.",
            ),
            models.CheckConstraint(
                name="agency_slot_begins_before_it_ends",
                condition=Q(ends__gt=F("begins")),
                violation_error_message="It ends after it begins.",
            ),
            models.CheckConstraint(
                name="agency_slot_has_places_in_a_room",
                condition=Q(places__range=(1, MOST_PLACES)) & ~Q(room=""),
                violation_error_message="Say which room, and how many places there are.",
            ),
            models.CheckConstraint(
                name="agency_slot_ends_on_or_after_its_first_day",
                condition=Q(last_on__isnull=True) | Q(last_on__gte=F("first_on")),
                violation_error_message="The last day is the first day or later.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "agency"], name="slots_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class AgencySlotEnd(models.Model):
    """An agency no longer comes at one time of the week. Only ever added.

    `last_on` is the last day on which it comes, None where the time was written by mistake and it never came.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slot = models.OneToOneField(AgencySlot, models.PROTECT, related_name="end")
    last_on = models.DateField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class Appointment(models.Model):
    """One person is booked for one time, for one thing, with a colleague, an agency, or both.

    Only `is_standing` ever changes, once, and by the database: it falls when an AppointmentEnd is written. Whether
    the person came stands in the support session that names it. `moved_from` is the one that it takes the place of.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    domain = models.CharField(max_length=14, choices=SupportSession.Domain)
    slot = models.ForeignKey(AgencySlot, models.PROTECT, null=True, related_name="appointments")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="appointments")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    where = models.CharField(max_length=LONGEST_LINE, blank=True)
    words = models.CharField(max_length=LONGEST_LINE, blank=True)
    moved_from = models.OneToOneField("self", models.PROTECT, null=True, related_name="moved_to")
    is_standing = models.BooleanField(default=True)
    key = models.UUIDField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_appointment_per_key",
                violation_error_message="This appointment is stored already.",
            ),
            models.CheckConstraint(
                name="appointment_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message="An appointment ends after it starts.",
            ),
            models.CheckConstraint(
                name="appointment_is_with_somebody",
                condition=Q(worker__isnull=False) | Q(agency__isnull=False),
                violation_error_message="An appointment is with a colleague or with an agency.",
            ),
            ExclusionConstraint(
                name="one_appointment_of_a_person_at_a_time",
                expressions=[
                    ("clinic", RangeOperators.EQUAL),
                    ("patient", RangeOperators.EQUAL),
                    (
                        Func("starts_at", "ends_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_standing=True),
                violation_error_message="They have another appointment at that time.",
            ),
            ExclusionConstraint(
                name="one_person_at_a_place_of_a_slot",
                expressions=[
                    ("slot", RangeOperators.EQUAL),
                    (
                        Func("starts_at", "ends_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_standing=True, slot__isnull=False),
                violation_error_message="That place is taken.",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "starts_at"], name="appointments_of_a_clinic"),
            models.Index(fields=["patient", "starts_at"], name="appointments_of_a_person"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AppointmentEnd(models.Model):
    """An appointment was cancelled, or moved to another time, by whom and why. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.OneToOneField(Appointment, models.PROTECT, related_name="end")
    how = models.CharField(max_length=9, choices=ENDINGS)
    whose = models.CharField(max_length=6, choices=WHOSE)
    words = models.CharField(max_length=LONGEST_LINE)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="appointment_end_says_how_and_why",
                condition=Q(
                    how__in=[ending.value for ending in Ending], whose__in=[whose.value for whose in Whose]
                )
                & ~Q(words=""),
                violation_error_message="Say who cancelled or moved it, and why.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
