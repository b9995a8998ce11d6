"""Corrections of what a clinic is known by: written by one, approved by another."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.clinic_corrections import LONGEST_WHY


class ClinicCorrection(models.Model):
    """What somebody wrote that a clinic is, with what stood then and why. It counts once approved. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="corrections")
    name = models.CharField(max_length=1000)
    opened_on = models.DateField()
    places = models.PositiveIntegerField()
    sessions_per_day = models.PositiveSmallIntegerField()
    was_name = models.CharField(max_length=1000)
    was_opened = models.DateField()
    was_places = models.PositiveIntegerField()
    was_sessions_per_day = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=LONGEST_WHY)
    key = models.UUIDField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_clinic_correction_per_key",
                violation_error_message="This form was sent before.",
            ),
            models.CheckConstraint(
                name="clinic_correction_says_why_and_is_plausible",
                condition=Q(places__gte=1, sessions_per_day__range=(1, 3)) & ~Q(name="") & ~Q(why=""),
                violation_error_message="A correction says why, and names a clinic with places and sessions.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ClinicCorrectionApproval(models.Model):
    """That somebody else approved a correction: a trigger then writes it into the clinic's row. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    correction = models.OneToOneField(ClinicCorrection, models.PROTECT, related_name="approval")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)
