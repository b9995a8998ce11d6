"""The end of a clinic's day."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from dosing.models.days import ClinicDay


class DayClosing(models.Model):
    """The day of one premises was closed: every ledger counted by two, and no difference left unclassified.

    The numbers are of what was listed and had no ending at that moment. Nothing was made up for them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.OneToOneField(ClinicDay, models.PROTECT, related_name="closing")
    without_outcome = models.PositiveIntegerField()
    still_to_come = models.PositiveIntegerField()
    open_draws = models.PositiveIntegerField()
    observed = models.PositiveIntegerField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)
