"""Why the figures of a group of clinics could not be put together."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.networks import RollupRequest
from outcomes.rules.evaluation.schedule import MOST_TRIES


class RollupFailure(models.Model):
    """One try to put a group's figures together failed: at a clinic's part, or, without one, at the sum. Only added."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(RollupRequest, models.PROTECT, related_name="failures")
    number = models.PositiveSmallIntegerField()
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, related_name="+")
    failed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "number"],
                name="one_failure_of_a_number_per_rollup",
                violation_error_message="That try is stored as failed already.",
            ),
            models.CheckConstraint(
                name="rollup_is_tried_five_times_at_most",
                condition=Q(number__gte=1, number__lte=MOST_TRIES),
                violation_error_message="It was tried often enough.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
