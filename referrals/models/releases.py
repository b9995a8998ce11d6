"""When somebody referred is expected out of prison, and the first appointment on that day."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from referrals.models.referrals import Referral


class ReleasePlan(models.Model):
    """One statement of an expected release, the newest of a referral counts. Rows are only ever added.

    The first appointment is always on the day of release; `appointment_at` is its time, None while none is set. A
    new day is said without a time, so that no time stands for a day for which nobody set it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="release_plans")
    number = models.PositiveSmallIntegerField()
    release_on = models.DateField()
    appointment_at = models.TimeField(null=True)
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "number"],
                name="release_plans_are_numbered_once",
                violation_error_message="The expected release was changed meanwhile. Look at it again.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
