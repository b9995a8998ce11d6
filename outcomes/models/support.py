"""Help around treatment."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Agency, Clinic
from outcomes.rules.groups import JoinedLate
from outcomes.rules.support import LONGEST_LINE, LONGEST_MINUTES, Correction
from patients.models import ImportRun, Person

JOINED_LATE = [(why.value, why.label) for why in JoinedLate]
CORRECTIONS = [(correction.value, correction.label) for correction in Correction]


class SupportSession(models.Model):
    """One housing, health, welfare or similar session that was booked with one person. Only ever added.

    Ours (somebody recorded it) or imported history. A correction is a row that names the one it amends; a row
    that no other amends is the one that counts, unless its correction takes the session out of every count.
    """

    class Domain(models.TextChoices):
        HOUSING = "housing"
        HEALTH = "health"
        WELFARE = "welfare"
        EMPLOYMENT = "employment"
        MENTAL_HEALTH = "mental_health", "mental health"
        FAMILY = "family"
        PSYCHOSOCIAL = "psychosocial"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="support_sessions")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="support_sessions")
    booked_on = models.DateField()
    domain = models.CharField(max_length=14, choices=Domain)
    attended = models.BooleanField()
    minutes = models.PositiveIntegerField(null=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="support_sessions")
    done = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    note = models.CharField(max_length=LONGEST_LINE, blank=True)
    next_step = models.CharField(max_length=LONGEST_LINE, blank=True)
    next_step_on = models.DateField(null=True)
    # What was booked and came to be, or nobody came to. A correction keeps it.
    appointment = models.ForeignKey(
        "outcomes.Appointment", models.PROTECT, null=True, related_name="support_sessions"
    )
    # The group it was held in, with others. A correction keeps it.
    group = models.ForeignKey(
        "outcomes.GroupSession", models.PROTECT, null=True, related_name="support_sessions"
    )
    # Why somebody stands in a group that was logged without them. The table asks for it (a trigger).
    joined_late = models.CharField(max_length=14, choices=JOINED_LATE, blank=True)
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(max_length=14, choices=CORRECTIONS, blank=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_support_session_per_key",
                violation_error_message="This session is stored already.",
            ),
            models.CheckConstraint(
                name="support_is_recorded_by_a_person_or_imported",
                condition=Q(
                    import_run__isnull=True,
                    recorded_by__isnull=False,
                    recorded_at__isnull=False,
                    key__isnull=False,
                )
                | Q(
                    import_run__isnull=False,
                    recorded_by__isnull=True,
                    recorded_at__isnull=True,
                    key__isnull=True,
                    amends__isnull=True,
                ),
                violation_error_message="A support session is recorded by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="own_support_has_minutes_where_somebody_came",
                condition=Q(import_run__isnull=False)
                | Q(attended=True, minutes__isnull=False, minutes__gte=1, minutes__lte=LONGEST_MINUTES)
                | Q(attended=False, minutes__isnull=True),
                violation_error_message="Say how long a session took; one that nobody came to has no minutes.",
            ),
            models.CheckConstraint(
                name="support_next_step_day_has_a_step",
                condition=Q(next_step_on__isnull=True) | ~Q(next_step=""),
                violation_error_message="Write the next step that goes with its day.",
            ),
            models.CheckConstraint(
                name="support_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the session is written again.",
            ),
            models.CheckConstraint(
                name="imported_support_has_no_appointment",
                condition=Q(import_run__isnull=True) | Q(appointment__isnull=True),
                violation_error_message="An imported session was never booked here.",
            ),
            models.CheckConstraint(
                name="support_of_a_group_is_ours_and_not_booked_alone",
                condition=Q(group__isnull=True) | Q(import_run__isnull=True, appointment__isnull=True),
                violation_error_message="A session of a group is neither imported nor an appointment of its own.",
            ),
            models.CheckConstraint(
                name="support_added_to_a_group_is_its_first_line",
                condition=Q(joined_late="")
                | Q(
                    group__isnull=False,
                    amends__isnull=True,
                    joined_late__in=[why.value for why in JoinedLate],
                ),
                violation_error_message="Only somebody who is added to a group has a reason for it.",
            ),
            models.UniqueConstraint(
                fields=["group", "patient"],
                condition=Q(group__isnull=False, amends__isnull=True),
                name="one_support_session_per_group_and_person",
                violation_error_message="This person is in the group already.",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "booked_on"], name="support_of_a_clinic"),
            models.Index(fields=["patient", "-booked_on"], name="support_of_a_person"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CaseAssignment(models.Model):
    """One case worker keeps an eye on one person, from a moment until a moment (open end: still)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="case_assignments")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="case_assignments")
    case_worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="case_assignments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "patient", "case_worker"],
                condition=Q(ends_at__isnull=True),
                name="one_standing_case_per_worker_and_person",
                violation_error_message="This person is already one of yours.",
            ),
            models.CheckConstraint(
                name="case_starts_before_it_ends",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                violation_error_message="A case starts before it ends.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
