"""How often a clinic asks the outcome form: dated numbers, written by one and approved by another."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.form_schedules import FEWEST_DAYS, MOST_DAYS, SOURCE_LENGTH


class FormSchedule(models.Model):
    """Numbers that somebody wrote for a clinic, from a day on. They bind nobody until approved. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="form_schedules")
    from_day = models.DateField()
    every_days = models.PositiveSmallIntegerField()
    window_days = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=SOURCE_LENGTH)
    key = models.UUIDField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_form_schedule_per_key",
                violation_error_message="This form was sent before.",
            ),
            models.CheckConstraint(
                name="form_schedule_is_plausible",
                condition=Q(every_days__range=(FEWEST_DAYS, MOST_DAYS))
                & Q(window_days__lt=F("every_days") / 2)
                & ~Q(source=""),
                violation_error_message="The numbers are out of range, or say not where they come from.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class FormScheduleApproval(models.Model):
    """That somebody else approved the numbers, before their first day: they are then the clinic's. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schedule = models.OneToOneField(FormSchedule, models.PROTECT, related_name="approval")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)
