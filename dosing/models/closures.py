"""Sessions that a clinic did not hold, who was told of it, and a closure that was cut short. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.rules.closures import LONGEST_WORDS, ClosedFor
from hat_clinic.accounts.models import Clinic, Slot
from patients.models import Episode, Person

USER = settings.AUTH_USER_MODEL
REASONS = [(reason.value, reason.label) for reason in ClosedFor]


class Closure(models.Model):
    """The sessions of one clinic from a first to a last that are not held. Only ever added.

    `starts_at` and `ends_at` are when the first begins and the last ends, as the clinic's hours were then; `sessions`
    counts them. `reopens_on` and `reopens_slot` are the next session after them. Reopening is a row of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="closures")
    first_on = models.DateField()
    first_slot = models.CharField(max_length=3, choices=Slot)
    last_on = models.DateField()
    last_slot = models.CharField(max_length=3, choices=Slot)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    sessions = models.PositiveSmallIntegerField()
    reopens_on = models.DateField()
    reopens_slot = models.CharField(max_length=3, choices=Slot)
    reason = models.CharField(max_length=8, choices=REASONS)
    words = models.CharField(max_length=LONGEST_WORDS)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="closure_says_why",
                condition=Q(reason__in=[reason.value for reason in ClosedFor]) & ~Q(words=""),
                violation_error_message="A closure says why, by a code and in words.",
            ),
            models.CheckConstraint(
                name="closure_runs_forward_from_now",
                condition=Q(
                    ends_at__gt=F("starts_at"),
                    last_on__gte=F("first_on"),
                    reopens_on__gte=F("last_on"),
                    sessions__gte=1,
                    closed_at__lt=F("ends_at"),
                ),
                violation_error_message="A closure runs from a session to a later one, and is not all over.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-ends_at"], name="closures_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class ClosedPerson(models.Model):
    """Somebody whom a closure takes sessions from, as it stood when it was signed: somebody tells them. Only ever added.

    `sessions` is how many they miss, `row` the ladder's row when they come back, `oral_plan` their oral order in words,
    empty without one. Until `contact_due_at` somebody reaches them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    closure = models.ForeignKey(Closure, models.PROTECT, related_name="people")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="closures")
    sessions = models.PositiveSmallIntegerField()
    row = models.PositiveSmallIntegerField()
    oral_plan = models.CharField(max_length=300, blank=True)
    contact_due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closure", "episode"],
                name="a_closure_names_a_person_once",
                violation_error_message="That person is on this closure already.",
            ),
            models.CheckConstraint(
                name="closed_person_misses_a_session",
                condition=Q(sessions__gte=1, row__gte=1, row__lte=4),
                violation_error_message="Whoever is on a closure misses a session, and stands in a row of the ladder.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Reopening(models.Model):
    """A closure that ends before one of its sessions, by a second act. Both stay. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    closure = models.ForeignKey(Closure, models.PROTECT, related_name="reopenings")
    from_on = models.DateField()
    from_slot = models.CharField(max_length=3, choices=Slot)
    from_at = models.DateTimeField()
    words = models.CharField(max_length=LONGEST_WORDS)
    reopened_at = models.DateTimeField()
    reopened_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reopening_says_why",
                condition=~Q(words=""),
                violation_error_message="A reopening says why.",
            ),
            models.UniqueConstraint(
                fields=["closure", "from_at"],
                name="a_closure_ends_once_before_a_session",
                violation_error_message="The closure ends before that session already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
